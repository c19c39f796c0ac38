import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { type Role, ROLES } from '@signalbox/contracts';
import { ArrayMaxSize, IsArray, IsIn, IsOptional, IsString, Length } from 'class-validator';

/** Most names in each list of a token, and characters of a name. */
export const TOKEN_LIMITS = { names: 100, nameLength: 253 } as const;

const NAMES = `must be a list of at most ${TOKEN_LIMITS.names} names`;

/** A list of names that may be left out. */
function Names(description: string): PropertyDecorator {
  return (target, key) => {
    ApiPropertyOptional({ type: [String], maxItems: TOKEN_LIMITS.names, description })(target, key);
    IsOptional()(target, key);
    IsArray({ message: NAMES })(target, key);
    ArrayMaxSize(TOKEN_LIMITS.names, { message: NAMES })(target, key);
    IsString({ each: true, message: NAMES })(target, key);
    Length(1, TOKEN_LIMITS.nameLength, { each: true, message: NAMES })(target, key);
  };
}

export class TokenBody {
  @ApiProperty({ description: 'Who or what it is for: the author of its changes.', maxLength: 253 })
  @IsString({ message: 'must be a text' })
  @Length(1, TOKEN_LIMITS.nameLength, { message: 'must have 1-253 characters' })
  name: string;

  @ApiPropertyOptional({ enum: ROLES, default: 'viewer' })
  @IsOptional()
  @IsIn(ROLES, { message: `must be one of ${ROLES.join(', ')}` })
  role?: Role;

  @Names('Orgs that it sees and changes; with neither orgs nor projects: all of the site.') orgs?: string[];
  @Names('Projects that it sees and changes.') projects?: string[];
  @Names('For a service account: groups that it may emit facts to, and nothing else.') emits?: string[];

  @ApiPropertyOptional({ format: 'date-time', description: 'When it ends; absent: when it is revoked.' })
  @IsOptional()
  @IsString({ message: 'must be a time such as 2027-01-31T00:00:00Z' })
  expiresAt?: string;
}

export class TokenDto {
  @ApiProperty() id: string;
  @ApiProperty() name: string;
  @ApiProperty({ enum: ROLES }) role: Role;
  @ApiPropertyOptional({ type: [String] }) orgs?: readonly string[];
  @ApiPropertyOptional({ type: [String] }) projects?: readonly string[];
  @ApiPropertyOptional({ type: [String] }) emits?: readonly string[];
  @ApiProperty({ format: 'date-time' }) createdAt: string;
  @ApiPropertyOptional({ format: 'date-time' }) expiresAt?: string;
  @ApiPropertyOptional({ format: 'date-time', description: 'Since the api runs; absent: not used since.' })
  lastUsedAt?: string;
}

export class NewTokenDto extends TokenDto {
  @ApiProperty({ description: 'In clear, shown this once.' }) token: string;
}

export class CallerDto {
  @ApiProperty({ description: '`token:<id>` or `oidc:<issuer>#<subject>`.' }) subject: string;
  @ApiProperty() name: string;
  @ApiProperty({ enum: ROLES }) role: Role;
  @ApiPropertyOptional({ type: [String] }) orgs?: readonly string[];
  @ApiPropertyOptional({ type: [String] }) projects?: readonly string[];
  @ApiPropertyOptional({ type: [String] }) emits?: readonly string[];
  @ApiPropertyOptional({ format: 'date-time' }) expiresAt?: string;
}
