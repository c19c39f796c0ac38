import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray } from 'class-validator';
import type { WantedMember } from '../domain/pool-members.js';

/** Most members that one request may name. */
export const MEMBERS_AT_ONCE = 10_000;

export class WantedMemberDto implements WantedMember {
  @ApiProperty({ description: 'Name of a Backend of the same project.' }) backendRef: string;
  @ApiPropertyOptional({ minimum: 0, maximum: 100, default: 100 }) weight?: number;
}

/** What is wrong with single members is found with their references, so that all of it is told at once. */
export class MembersBody {
  @ApiProperty({ type: [WantedMemberDto], maxItems: MEMBERS_AT_ONCE })
  @IsArray({ message: 'must be a list of members' })
  @ArrayMaxSize(MEMBERS_AT_ONCE, { message: `must have at most ${MEMBERS_AT_ONCE} members` })
  members: readonly unknown[];
}
