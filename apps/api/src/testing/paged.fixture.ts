import { expect } from '@jest/globals';
import type { Page } from '../domain/cursor.js';
import type { Answer, ApiSite } from './api-site.fixture.js';

/** Reads a list page by page. */
export const paged = async <T>(site: ApiSite, path: string, limit: number): Promise<T[]> => {
  const items: T[] = [];
  for (let after: string | undefined = ''; after !== undefined;) {
    const { status, body }: Answer<Page<T>> = await site.call(
      `${path}${path.includes('?') ? '&' : '?'}limit=${limit}${after === '' ? '' : `&after=${after}`}`,
    );
    expect(status).toBe(200);
    expect(body.items.length).toBeLessThanOrEqual(limit);
    items.push(...body.items);
    after = body.next;
  }
  return items;
};
