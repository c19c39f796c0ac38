import { didYouMean } from './did-you-mean.js';

const FIELDS = ['id', 'group', 'type', 'subject', 'payload', 'observedAt', 'expiresAt'];

describe('didYouMean', () => {
  it.each([
    ['subjct', 'subject'],
    ['sbuject', 'subject'],
    ['observedat', 'observedAt'],
    ['expires_at', 'expiresAt'],
    ['tpye', 'type'],
  ])('takes %s for %s', (word, meant) => {
    expect(didYouMean(word, FIELDS)).toBe(meant);
  });

  it.each(['data', 'specversion', 'x', '', 'subject', 'a'.repeat(1000)])('has nothing for %s', (word) => {
    expect(didYouMean(word, FIELDS)).toBeUndefined();
  });

  it.each([
    ['Backnd', 'Backend'],
    ['EventSubscriptoin', 'EventSubscription'],
  ])('X43 takes the kind %s for %s', (word, meant) => {
    expect(didYouMean(word, ['Backend', 'EventGroup', 'EventSubscription'])).toBe(meant);
  });
});
