import { expect, it } from 'vitest';
import { nextRequestId } from '../../src/http/request-id.ts';

it('every request has an id of its own, a version 4 UUID', () => {
  const ids = Array.from({ length: 20_000 }, nextRequestId);
  expect(new Set(ids).size).toBe(ids.length);
  const uuid = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;
  expect(ids.filter((id) => !uuid.test(id))).toEqual([]);
});
