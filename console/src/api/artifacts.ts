import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { baseUrl, client, NAMESPACE, unwrap } from './client';
import { ApiError, OfflineError } from './errors';
import { keys } from './keys';
import type { components } from './schema';

export type Artifact = components['schemas']['UploadedArtifact'];

const ns = NAMESPACE;

/** Newest first. */
export function useArtifacts() {
  return useQuery({
    queryKey: keys.artifacts,
    queryFn: async ({ signal }) => {
      const answer = await unwrap(
        client.GET('/artifacts/v1/namespaces/{ns}/artifacts:list', { params: { path: { ns } }, signal }),
      );
      return (answer.artifacts ?? []).toSorted((a, b) =>
        (b.createTime ?? '').localeCompare(a.createTime ?? ''),
      );
    },
  });
}

export function useDeleteArtifact() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (filename: string) =>
      unwrap(
        client.DELETE('/artifacts/v1/namespaces/{ns}/artifacts:delete', {
          params: { path: { ns }, query: { filename } },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.artifacts }),
  });
}

function refusalOf(request: XMLHttpRequest): ApiError {
  let body: { message?: string; reason?: string } = {};
  try {
    body = JSON.parse(request.responseText) as typeof body;
  } catch {
    // Not from Weir: the status line has to do.
  }
  return new ApiError(
    request.status,
    body.message ?? `${request.status} ${request.statusText}`,
    body.reason ?? '',
    [],
    request.getResponseHeader('X-Request-Id') ?? '',
  );
}

/** Sends a file and tells how far it is; `fetch` cannot tell that of what it sends. */
function send(file: File, told: (percent: number) => void): Promise<Artifact> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `${baseUrl}artifacts/v1/namespaces/${ns}/artifacts:upload`);
    request.upload.onprogress = ({ loaded, total }) => told(Math.floor((100 * loaded) / Math.max(1, total)));
    request.onload = () =>
      request.status === 200
        ? resolve((JSON.parse(request.responseText) as { artifact: Artifact }).artifact)
        : reject(refusalOf(request));
    request.onerror = () => reject(new OfflineError(request.statusText));
    const form = new FormData();
    form.append('file', file);
    request.send(form);
  });
}

export function useUpload() {
  const queries = useQueryClient();
  const [progress, setProgress] = useState<number | null>(null);
  const upload = async (file: File): Promise<Artifact> => {
    setProgress(0);
    try {
      const artifact = await send(file, setProgress);
      await queries.invalidateQueries({ queryKey: keys.artifacts });
      return artifact;
    } finally {
      setProgress(null);
    }
  };
  return { upload, progress };
}
