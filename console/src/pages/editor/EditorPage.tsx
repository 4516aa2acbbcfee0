import { ApiOutlined, CheckCircleFilled, CloseCircleFilled, LoadingOutlined, QuestionCircleOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Grid, Segmented, Skeleton } from 'antd';
import { lazy, Suspense, useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams, useSearchParams } from 'react-router';
import { fetchPath } from '../../api/client';
import { useDeployment } from '../../api/deployments';
import { ApiError } from '../../api/errors';
import { keys } from '../../api/keys';
import type { Deployment } from '../../api/types';
import { formatTime } from '../../format/time';
import { ErrorState } from '../../ui/ErrorState';
import { ServerText, serverWords } from '../../ui/ServerText';
import { useTitle } from '../../ui/useTitle';
import { YamlEditor } from '../../ui/YamlEditor';
import { DeploymentForm } from './DeploymentForm';
import { editable, parse, placeOf, TEMPLATE, toYaml } from './document';
import { dropDraft, keepDraft, readDraft } from './draft';
import { SaveDialog } from './SaveDialog';
import { checkSchema, complete, type SchemaDocument } from './schema';
import { useValidation, type Validation } from './useValidation';
import styles from './EditorPage.module.css';

const ConnectorsDrawer = lazy(() => import('./ConnectorsDrawer'));

type View = 'form' | 'yaml' | 'both';

export default function EditorPage() {
  const { name } = useParams();
  return name === undefined ? <Editor /> : <EditExisting name={name} />;
}

function EditExisting({ name }: { name: string }) {
  const { data, error, isPending, isPlaceholderData, refetch } = useDeployment(name);
  if (isPending || isPlaceholderData) return <Skeleton active className={styles.page} />;
  if (!data)
    return (
      <div className={styles.page}>
        <ErrorState error={error} retry={() => void refetch()} />
      </div>
    );
  return <Editor key={data.metadata.id} deployment={data} />;
}

function useSchemas() {
  return useQuery({
    queryKey: keys.openapi,
    staleTime: Infinity,
    queryFn: async ({ signal }) => (await (await fetchPath('api/openapi.json', { signal })).json()) as SchemaDocument,
  });
}

/** The text that is edited; what is not saved is kept across reloads. */
function useText(name: string | undefined, deployment: Deployment | undefined) {
  const original = useMemo(() => toYaml(deployment ? editable(deployment) : TEMPLATE), [deployment]);
  const [draft, setDraft] = useState(() => readDraft(name));
  // Where the change began: what others save meanwhile must not be overwritten silently.
  const [base, setBase] = useState({ text: original, version: deployment?.metadata.resourceVersion });
  const [text, setText] = useState(draft?.text ?? original);
  const [restored, setRestored] = useState(draft !== null && draft.text !== original);
  const change = useCallback(
    (next: string) => {
      setText(next);
      const kept = { text: next, version: draft?.version ?? base.version, at: new Date().toISOString() };
      if (next === original) dropDraft(name);
      else keepDraft(name, kept);
    },
    [name, original, base.version, draft?.version],
  );
  const discard = () => {
    dropDraft(name);
    setDraft(null);
    setRestored(false);
    setBase({ text: original, version: deployment?.metadata.resourceVersion });
    setText(original);
  };
  return { text, change, discard, restored: restored ? draft : null, version: draft?.version ?? base.version, changed: text !== original };
}

function ValidationMark({ validation }: { validation: Validation }) {
  const { t } = useTranslation();
  const looks = {
    checking: <LoadingOutlined />,
    valid: <CheckCircleFilled style={{ color: 'var(--good-text)' }} />,
    invalid: <CloseCircleFilled style={{ color: 'var(--bad-text)' }} />,
    unreadable: <CloseCircleFilled style={{ color: 'var(--bad-text)' }} />,
    unknown: <QuestionCircleOutlined />,
  };
  return (
    <span className={styles.validation} role="status">
      {looks[validation.state]} {t(`editor.${validation.state}`)}
    </span>
  );
}

function ConnectorsButton() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button icon={<ApiOutlined />} onClick={() => setOpen(true)}>
        {t('connectors.open')}
      </Button>
      {open && (
        <Suspense>
          <ConnectorsDrawer onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}

function Editor({ deployment }: { deployment?: Deployment }) {
  const { t } = useTranslation();
  const name = deployment?.metadata.name;
  useTitle(name ? t('editor.editTitle', { name }) : t('deployments.create'));
  const wide = Grid.useBreakpoint().xl ?? true;
  const [query] = useSearchParams();
  const [chosen, setChosen] = useState<View | null>(query.get('view') === 'yaml' ? 'yaml' : null);
  const view: View = chosen ?? (wide ? 'both' : 'form');
  const { text, change, discard, restored, version, changed } = useText(name, deployment);
  const validation = useValidation(name, text);
  // Nobody has done anything wrong yet.
  const untouched = name === undefined && !changed;
  const { data: schemas } = useSchemas();
  const [saving, setSaving] = useState(false);
  const lint = (content: string) => {
    const { problems } = parse(content);
    if (problems.length > 0) return problems.map((problem) => ({ ...problem, severity: 'error' as const }));
    const served = validation.fields.map(({ path, message }) => ({ ...placeOf(content, path), message: `${path} ${message}`, severity: 'error' as const }));
    return [...(schemas ? checkSchema(schemas, content) : []), ...served];
  };
  const form = <DeploymentForm text={text} onChange={change} problems={untouched ? [] : validation.fields} fixedName={name !== undefined} />;
  const yaml = (
    <YamlEditor
      value={text}
      onChange={change}
      label={t('editor.yamlLabel')}
      lint={lint}
      lintAgainOn={validation}
      complete={schemas && ((context) => complete(schemas, context))}
    />
  );
  return (
    <div className={styles.page}>
      <div className={styles.top}>
        <h1>{name ? t('editor.editTitle', { name }) : t('deployments.create')}</h1>
        <span className={styles.space} />
        <ConnectorsButton />
        <Segmented<View>
          value={view}
          onChange={setChosen}
          aria-label={t('editor.view')}
          options={[
            { value: 'form', label: t('editor.form') },
            { value: 'yaml', label: 'YAML' },
            ...(wide ? [{ value: 'both' as const, label: t('editor.both') }] : []),
          ]}
        />
      </div>
      {restored && (
        <Alert
          type="info"
          showIcon
          title={t('editor.restored', { time: formatTime(restored.at) })}
          action={<Button onClick={discard}>{t('editor.discard')}</Button>}
        />
      )}
      <div className={styles.panes} data-view={view}>
        {view !== 'yaml' && <div className={styles.form}>{form}</div>}
        {view !== 'form' && <div className={styles.yaml}>{yaml}</div>}
      </div>
      <div className={styles.bottom}>
        {untouched ? <span className="soft">{t('editor.startHint')}</span> : <ValidationMark validation={validation} />}
        {!untouched && validation.error !== null && validation.state !== 'checking' && (
          <span className={styles.problem} title={(validation.error as Error).message}>
            <ServerText
              words={validation.error instanceof ApiError ? serverWords(t, 'reason', validation.error.reason) : undefined}
              text={(validation.error as Error).message}
            />
          </span>
        )}
        <span className={styles.space} />
        <Link to={name ? `/deployments/${encodeURIComponent(name)}/overview` : '/deployments'}>
          <Button tabIndex={-1}>{t('action.back')}</Button>
        </Link>
        {changed && name !== undefined && <Button onClick={discard}>{t('editor.discard')}</Button>}
        <Button
          type="primary"
          disabled={validation.state !== 'valid' || (name !== undefined && !changed)}
          onClick={() => setSaving(true)}
        >
          {t(name ? 'editor.review' : 'editor.create')}
        </Button>
      </div>
      {saving && validation.result && (
        <SaveDialog
          text={text}
          deployment={deployment}
          version={version}
          result={validation.result}
          onClose={() => setSaving(false)}
          onSaved={() => dropDraft(name)}
        />
      )}
    </div>
  );
}
