export interface StoredDeployment {
  metadata: { id: string; name: string; resourceVersion: number };
  spec: { state: string };
  status: { state: string };
}

export interface NewDeployment {
  state?: string;
  labels?: Record<string, string>;
  mainArgs?: string;
  parallelism?: number;
  /** Members of the spec besides. */
  spec?: object;
}

/** The server's API, for what a test needs before it looks. */
export class WeirApi {
  constructor(
    readonly url: string,
    private readonly jar: string,
  ) {}

  async request(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.url}/api/v1/namespaces/default${path}`, {
      method,
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  async create(name: string, { state = 'CANCELLED', labels, mainArgs, parallelism = 1, spec }: NewDeployment = {}) {
    return (await this.request('POST', '/deployments', {
      metadata: { name, labels },
      spec: {
        state,
        maxJobCreationAttempts: 1,
        ...spec,
        template: {
          spec: {
            artifact: { kind: 'JAR', jarUri: `file://${this.jar}`, mainArgs },
            parallelism,
            flinkConfiguration: { 'state.checkpoints.dir': 's3://fake/checkpoints', 'state.savepoints.dir': 's3://fake/savepoints' },
          },
        },
      },
    })) as StoredDeployment;
  }

  get(name: string) {
    return this.request('GET', `/deployments/${name}`) as Promise<StoredDeployment>;
  }

  setState(name: string, state: string) {
    return this.request('PATCH', `/deployments/${name}`, { spec: { state } });
  }

  /** Waits for the feed instead of asking again and again. */
  async until(name: string, state: string): Promise<void> {
    const abort = new AbortController();
    const { metadata } = await this.get(name);
    const response = await fetch(`${this.url}/api/v1/watch?kinds=Deployment&deploymentId=${metadata.id}`, { signal: abort.signal });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
      text += part.value;
      if (text.includes(`"status":{"state":"${state}"`)) {
        abort.abort();
        return;
      }
    }
    throw new Error(`${name} did not become ${state}`);
  }

  /** A number of Weir's own metrics. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  }
}
