import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';

/** How `https:` servers are trusted, and how we show who we are. All in PEM. */
export interface TlsOptions {
  /** The authorities to trust, and no others. @default those that Node knows */
  readonly ca?: string;
  /** Our certificate for servers that ask for one, with those between it and its authority; wants `key`. */
  readonly cert?: string;
  /** The private key of `cert`, not encrypted. */
  readonly key?: string;
}

/** What is wrong with one of the options; `problem` follows its name, as in `cert has no certificate in it`. */
export interface TlsProblem {
  readonly field: keyof TlsOptions;
  readonly problem: string;
}

/** Everything that would fail only when the first connection is made, or silently trust nobody. Never quotes a key. */
export function tlsProblems({ ca, cert, key }: TlsOptions): readonly TlsProblem[] {
  const problems: TlsProblem[] = [];
  const say = (field: keyof TlsOptions, problem: string | undefined) => {
    if (problem !== undefined) problems.push({ field, problem });
  };
  if (ca !== undefined) say('ca', certificatesOf(ca).problem);
  if (cert !== undefined && key === undefined) say('key', 'is missing: a certificate needs its private key');
  if (key !== undefined && cert === undefined) say('cert', 'is missing: a key needs its certificate');
  if (cert === undefined || key === undefined) return problems;
  const { first, problem } = certificatesOf(cert);
  say('cert', problem);
  const own = privateKeyOf(key);
  if (!own) say('key', 'is no private key in PEM without a passphrase');
  if (own && first && !first.checkPrivateKey(own)) say('key', 'does not belong to the certificate');
  return problems;
}

const CERTIFICATE = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]*-----END [^-]*-----/g;

function certificatesOf(pem: string): { readonly first?: X509Certificate; readonly problem?: string } {
  const blocks = pem.match(CERTIFICATE) ?? [];
  try {
    const [first] = blocks.map((block) => new X509Certificate(block));
    return first ? { first } : { problem: 'has no certificate in PEM' };
  } catch {
    // OpenSSL's words (`asn1 encoding routines::…`) help nobody.
    return { problem: 'has a certificate that cannot be read' };
  }
}

function privateKeyOf(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined; // said by the caller, which knows more
  }
}
