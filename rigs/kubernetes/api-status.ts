/** An error of the API, with the body that Kubernetes gives it. */
export class ApiStatus extends Error {
  override readonly name = 'ApiStatus';
  readonly code: number;
  readonly reason: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: number, reason: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.headers = headers;
  }

  get body(): unknown {
    const { code, reason, message } = this;
    return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
  }
}

/** There is no such object. */
export function notFound(plural: string, name: string): ApiStatus {
  return new ApiStatus(404, 'NotFound', `${plural} "${name}" not found`);
}

/** Somebody else changed it since it was read. */
export function conflict(plural: string, name: string): ApiStatus {
  const message = `Operation cannot be fulfilled on ${plural} "${name}": the object has been modified; please apply your changes to the latest version and try again`;
  return new ApiStatus(409, 'Conflict', message);
}
