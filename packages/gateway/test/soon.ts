/** For `expect.poll`: looks often, and waits long enough for a busy machine. */
export const SOON = { interval: 5, timeout: 10_000 };
