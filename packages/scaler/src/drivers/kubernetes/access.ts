/** How the API server is reached, as of now: tokens and certificates change. */
export interface Access {
  /** URL without a path at its end. */
  readonly server: string;
  /** Where objects are that name none. */
  readonly namespace: string;
  /** PEM texts. */
  readonly ca?: string;
  readonly clientCertificate?: { readonly cert: string; readonly key: string };
  readonly token?: string;
}

/** Reads it anew, from files where it comes from files. @throws ScalerError `SCALER_CONFIG` saying what is missing */
export type ReadAccess = () => Access;
