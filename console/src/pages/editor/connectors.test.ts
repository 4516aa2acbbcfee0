import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { CONNECTORS, findConnectors, snippetOf } from './connectors';

it('finds by name, artifact and option, every word of it', () => {
  const names = (query: string) => findConnectors(query).map(({ name }) => name);
  expect(names('kafka 0.8')).toEqual(['Apache Kafka 0.8']);
  expect(names('zookeeper.CONNECT')).toEqual(['Apache Kafka 0.8']);
  expect(names('flink-log-connector')).toEqual(['Alibaba Cloud Log Service (SLS)']);
  expect(names('nothing like it')).toEqual([]);
  expect(findConnectors('  ')).toHaveLength(CONNECTORS.length);
});

it('gives each one a piece of template.spec', () => {
  for (const connector of CONNECTORS) {
    const written = parse(snippetOf(connector)) as { artifact?: { mainArgs?: string }; flinkConfiguration?: Record<string, string> };
    expect(written.artifact?.mainArgs, connector.name).toBe(connector.mainArgs);
    expect(written.flinkConfiguration, connector.name).toEqual(connector.configuration);
    expect(Object.keys(written).length, connector.name).toBeGreaterThan(0);
  }
});

it('names what is secret only as a secret value', () => {
  const secret = /(password|secret|access-?key|token)[^\s=:]*["']?[\s:]+(\S+)/gi;
  for (const connector of CONNECTORS)
    for (const [, , value] of snippetOf(connector).matchAll(secret)) expect(value, connector.name).toMatch(/^["']?\$\{[a-z0-9-]+\}/);
});
