import { describe, expect, it } from '@jest/globals';
import type { BackendIntent } from '@signalbox/contracts';
import { noteOf } from './intent.js';

const anIntent = (intent: BackendIntent['intent'], reason?: string): BackendIntent => ({
  backend: 'web',
  intent,
  configEnabled: true,
  at: '2026-05-30T12:00:00Z',
  author: 'alice',
  ...(reason !== undefined && { reason }),
});

describe('who wanted a change', () => {
  it('is who wanted what follows from it, with the reason that was given', () => {
    expect(noteOf(anIntent('pause', 'new disk'), 'paused')).toEqual({ author: 'alice', reason: 'new disk' });
    expect(noteOf(anIntent('run'), 'resumed')).toEqual({ author: 'alice' });
  });

  it('is nobody when it follows from something else', () => {
    expect(noteOf(anIntent('pause'), 'address-changed')).toBeUndefined();
    expect(noteOf(anIntent('run'), 'paused')).toBeUndefined();
    expect(noteOf(undefined, 'paused')).toBeUndefined();
  });
});
