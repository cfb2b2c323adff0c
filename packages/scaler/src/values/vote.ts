/** What one policy asks for at one tick. */
export type Vote =
  | {
      readonly kind: 'wants';
      /** The policy's name in the configuration. */
      readonly policy: string;
      /** Replicas it asks for, fractions kept: 2.3 means more than 2. */
      readonly replicas: number;
      /** The numbers behind it, for a person: `12.0 chunks/s + 3.1 of backlog over 4.0 per replica`. */
      readonly because: string;
      /** It may only raise the count: something is known to be missing that a smaller count would have to rest on. */
      readonly onlyOut?: boolean;
    }
  | {
      readonly kind: 'abstains';
      readonly policy: string;
      readonly because: string;
      /** A signal is missing or stale: nothing scales in while this vote stands. */
      readonly lostSignal: boolean;
    };
