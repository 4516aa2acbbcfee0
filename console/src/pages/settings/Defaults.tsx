import { Alert, App, Button, Skeleton } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { parseDocument, stringify } from 'yaml';
import { useDefaults, useLayers, useSaveDefaults } from '../../api/settings';
import type { DeploymentDefaults } from '../../api/types';
import { ErrorDetails, ErrorState } from '../../ui/ErrorState';
import { Page } from '../../ui/Page';
import { YamlEditor } from '../../ui/YamlEditor';
import styles from './Defaults.module.css';

type Spec = Record<string, unknown>;

/** The merge patch that turns one object into another: what is gone becomes null. */
export function patchBetween(before: unknown, after: unknown): unknown {
  const isMap = (value: unknown): value is Spec => typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isMap(before) || !isMap(after)) return after;
  const patch: Spec = {};
  for (const key of Object.keys(before)) if (!(key in after)) patch[key] = null;
  for (const [key, value] of Object.entries(after))
    if (JSON.stringify(value) !== JSON.stringify(before[key])) patch[key] = patchBetween(before[key], value);
  return patch;
}

function textOf(spec: unknown): string {
  return Object.keys((spec ?? {}) as Spec).length === 0 ? '' : stringify(spec);
}

function DefaultsEditor({ defaults }: { defaults: DeploymentDefaults }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const { data: layers } = useLayers();
  const save = useSaveDefaults();
  const stored = textOf(defaults.spec);
  const [text, setText] = useState(stored);
  useEffect(() => setText(stored), [stored]);
  const parsed = parseDocument(text);
  const problem = parsed.errors[0]?.message;
  const submit = () =>
    save.mutate(
      { spec: patchBetween(defaults.spec ?? {}, (parsed.toJS() as Spec | null) ?? {}) as Spec, version: defaults.metadata.resourceVersion },
      { onSuccess: () => message.success(t('defaults.saved')) },
    );
  return (
    <div className={styles.columns}>
      <section aria-label={t('defaults.namespace')}>
        <h2>{t('defaults.namespace')}</h2>
        <p className="soft">{t('defaults.namespaceHint')}</p>
        <div className={styles.editor}>
          <YamlEditor value={text} onChange={setText} label={t('defaults.namespace')} />
        </div>
        {problem && <Alert type="error" showIcon title={problem} />}
        {save.error && <Alert type="error" showIcon title={<ErrorDetails error={save.error} />} />}
        <div className={styles.buttons}>
          <Button disabled={text === stored} onClick={() => setText(stored)}>
            {t('editor.discard')}
          </Button>
          <Button type="primary" disabled={text === stored || problem !== undefined} loading={save.isPending} onClick={submit}>
            {t('action.save')}
          </Button>
        </div>
      </section>
      <section aria-label={t('defaults.global')}>
        <h2>{t('defaults.global')}</h2>
        <p className="soft">{t('defaults.globalHint')}</p>
        <div className={styles.editor}>
          <YamlEditor value={textOf(layers?.global) || `# ${t('defaults.globalNone')}\n`} readOnly label={t('defaults.global')} />
        </div>
      </section>
    </div>
  );
}

/** What holds where a deployment says nothing. */
export default function Defaults() {
  const { t } = useTranslation();
  const { data, error, isPending, refetch } = useDefaults();
  return (
    <Page title={t('nav.defaults')} hint={t('defaults.hint')}>
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {isPending && <Skeleton active />}
      {data && <DefaultsEditor defaults={data} />}
    </Page>
  );
}
