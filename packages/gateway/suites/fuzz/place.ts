import fc from 'fast-check';

/** A place as a share of a length, 0 to 1, all alike likely; `fc.double` would nearly always be next to 0. */
export const place = fc.integer({ min: 0, max: 2 ** 30 }).map((step) => step / 2 ** 30);
