import type { components } from './schema';

type ErrorBody = components['schemas']['Error'];

export interface FieldProblem {
  /** Path of the field as the server names it: "spec.template.spec.parallelism". */
  path: string;
  message: string;
  /** What is wrong in the server's vocabulary: "isMissing". */
  reason: string;
}

/** What the server refused, with everything that a person needs to act on it or to report it. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly reason: string,
    readonly fields: FieldProblem[],
    readonly requestId: string,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

/** The server could not be reached. */
export class OfflineError extends Error {
  constructor(cause: unknown) {
    super('The server does not answer.', { cause });
    this.name = 'OfflineError';
  }
}

export function errorOf(response: Response, body: unknown): ApiError {
  const known = (typeof body === 'object' && body !== null ? body : {}) as Partial<ErrorBody>;
  const fallback = `${response.status} ${response.statusText}`.trim();
  return new ApiError(
    response.status,
    known.message ?? fallback,
    known.reason || known.code || '',
    (known.errors ?? []).map((field) => ({
      path: field.attribute ?? '',
      message: field.message ?? '',
      reason: field.reason ?? '',
    })),
    response.headers.get('X-Request-Id') ?? '',
  );
}

/** Whether asking again can help. */
export function isPassing(error: unknown): boolean {
  if (error instanceof OfflineError) return true;
  return error instanceof ApiError && (error.status >= 500 || error.status === 429);
}
