import { randomUUID } from 'node:crypto';

/** Ids whose beginnings are alike. Their ends have 48 bits: that two of so many agree happens once in millions of times. */
const mostOfOneBeginning = 4096;

const current = { beginning: '', left: 0 };

/**
 * Names a request: a version 4 UUID, unlike any other, but nothing that could not be guessed. To draw all of it from the system's
 * randomness takes a twentieth of a hit.
 */
export function nextRequestId(): string {
  if (current.left === 0) {
    current.beginning = randomUUID().slice(0, 24);
    current.left = mostOfOneBeginning;
  }
  current.left -= 1;
  return current.beginning + sixDigits() + sixDigits();
}

function sixDigits(): string {
  return ((0x1000000 + Math.random() * 0x1000000) | 0).toString(16).slice(1);
}
