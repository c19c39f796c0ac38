/** Schemas of any JSON value, for a member whose type is that of something else. */
export const ANY_JSON = [
  { type: 'string' },
  { type: 'number' },
  { type: 'boolean' },
  { type: 'object', additionalProperties: true },
  { type: 'array', items: {} },
  { type: 'null' },
];
