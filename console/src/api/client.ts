import createClient from 'openapi-fetch';
import { ApiError, errorOf, OfflineError } from './errors';
import type { paths } from './schema';

/** Where this console was loaded from, with a slash at its end: the server may sit behind a prefix. */
export const baseUrl = document.baseURI.replace(/[^/]*([?#].*)?$/, '');

/** The path part of `baseUrl`, without a slash at its end. */
export const basePath = new URL(baseUrl).pathname.replace(/\/$/, '');

export const NAMESPACE = 'default';

export const client = createClient<paths>({ baseUrl: baseUrl.replace(/\/$/, '') });

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The data of an answer. @throws ApiError what the server refused; OfflineError no answer at all */
export async function unwrap<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new OfflineError(error);
  }
  if (!answer.response.ok) throw errorOf(answer.response, answer.error);
  return answer.data as T;
}

/** A plain request for what the OpenAPI document does not describe (texts, Flink's own answers). */
export async function fetchPath(path: string, init?: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(baseUrl + path.replace(/^\//, ''), init);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new OfflineError(error);
  }
  if (response.ok) return response;
  const text = await response.text();
  let body: unknown = text;
  try {
    body = JSON.parse(text);
  } catch {
    // Not from Weir, or cut off: the status line has to do.
  }
  throw errorOf(response, body);
}

export { ApiError };
