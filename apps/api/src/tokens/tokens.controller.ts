import { Controller, Delete, Get, HttpCode, Post, Req } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOperation } from '@nestjs/swagger';
import { type AuthorizedRequest, SecretAnswer } from '@signalbox/runtime';
import { decodeCursor, type Page, pageOf } from '../domain/cursor.js';
import { ApiNoun, ApiPage } from '../http/api-answers.js';
import { authorOf } from '../http/author.js';
import { PageQuery } from '../http/page.query.js';
import { PathText } from '../http/path-text.js';
import { ValidBody } from '../http/valid-body.js';
import { ValidQuery } from '../http/valid-query.js';
import { NewTokenDto, TokenBody, TokenDto } from './tokens.dto.js';
import { Tokens } from './tokens.js';

@ApiNoun('tokens')
@Controller('v1/tokens')
export class TokensController {
  constructor(private readonly tokens: Tokens) {}

  @Get()
  @ApiOperation({ summary: 'Tokens that are not revoked, by id; never in clear' })
  @ApiPage(TokenDto)
  list(@ValidQuery() { limit, after }: PageQuery): Page<TokenDto> {
    const [from = ''] = after === undefined ? [] : decodeCursor(after, ['string']);
    const rows = this.tokens.list().filter(({ id }) => id > String(from));
    return pageOf(
      rows,
      limit,
      (token) => token,
      ({ id }) => [id],
    );
  }

  @Post()
  @SecretAnswer()
  @ApiOperation({ summary: 'Make a token', description: 'The answer has it in clear, this once.' })
  @ApiCreatedResponse({ type: NewTokenDto })
  create(@ValidBody() body: TokenBody, @Req() request: AuthorizedRequest): Promise<NewTokenDto> {
    return this.tokens.create(body, authorOf(request));
  }

  @Post(':id/rotate')
  @SecretAnswer()
  @ApiOperation({ summary: 'Put a new token in place of one', description: 'The old one ends at once.' })
  @ApiCreatedResponse({ type: NewTokenDto })
  rotate(@PathText('id') id: string, @Req() request: AuthorizedRequest): Promise<NewTokenDto> {
    return this.tokens.rotate(id, authorOf(request));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Revoke a token', description: 'Its open event streams end.' })
  @ApiNoContentResponse({ description: 'Revoked.' })
  revoke(@PathText('id') id: string, @Req() request: AuthorizedRequest): Promise<void> {
    return this.tokens.revoke(id, authorOf(request));
  }
}
