import { CaretRightOutlined, CloseOutlined, PauseOutlined, StopOutlined } from '@ant-design/icons';
import { App, Button, Progress } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { setDesiredState } from '../../api/deployments';
import type { Deployment, DesiredState } from '../../api/types';
import { useErrorNotice } from '../../ui/ErrorState';
import styles from './BulkActions.module.css';

/** So many requests at once: browsers give an origin six connections, and the feed holds one. */
const AT_ONCE = 4;

export interface BulkProgress {
  done: number;
  failed: { name: string; error: unknown }[];
  total: number;
}

/** Asks for the state of each, a few at a time, and tells how far it is. */
export async function setStates(
  names: string[],
  state: DesiredState,
  ask: (name: string, state: DesiredState) => Promise<unknown>,
  told: (progress: BulkProgress) => void,
): Promise<BulkProgress> {
  const progress: BulkProgress = { done: 0, failed: [], total: names.length };
  const queue = [...names];
  const work = async () => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      try {
        await ask(name, state);
      } catch (error) {
        progress.failed.push({ name, error });
      }
      progress.done += 1;
      told({ ...progress });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return progress;
}

export function BulkActions({ chosen, onClear }: { chosen: Deployment[]; onClear: () => void }) {
  const { t } = useTranslation();
  const { message, modal } = App.useApp();
  const notice = useErrorNotice();
  const [progress, setProgress] = useState<BulkProgress | null>(null);
  const run = async (state: DesiredState) => {
    const names = chosen.map((deployment) => deployment.metadata.name ?? '');
    setProgress({ done: 0, failed: [], total: names.length });
    const { failed, total } = await setStates(names, state, setDesiredState, setProgress);
    setProgress(null);
    const [first] = failed;
    if (first === undefined) {
      message.success(t('bulk.done', { count: total, state: t(`state.${state}`) }));
      onClear();
    } else {
      notice(t('bulk.failed', { count: failed.length, total, name: first.name }), first.error);
    }
  };
  const confirm = (state: DesiredState) =>
    modal.confirm({
      title: t(state === 'CANCELLED' ? 'bulk.cancelTitle' : 'bulk.suspendTitle', { count: chosen.length }),
      content: t(state === 'CANCELLED' ? 'action.cancelLoses' : 'action.suspendHint'),
      okText: t(state === 'CANCELLED' ? 'action.cancelJob' : 'action.suspend'),
      okButtonProps: { danger: state === 'CANCELLED' },
      cancelText: t('action.back'),
      onOk: () => void run(state),
    });
  return (
    <div className={styles.bar} role="region" aria-label={t('bulk.region')}>
      {progress ? (
        <>
          <span>{t('bulk.progress', { done: progress.done, total: progress.total })}</span>
          <Progress
            className={styles.progress}
            percent={Math.round((100 * progress.done) / progress.total)}
            status={progress.failed.length > 0 ? 'exception' : 'active'}
          />
        </>
      ) : (
        <>
          <strong>{t('bulk.selected', { count: chosen.length })}</strong>
          <Button icon={<CaretRightOutlined />} onClick={() => void run('RUNNING')}>
            {t('action.start')}
          </Button>
          <Button icon={<PauseOutlined />} onClick={() => confirm('SUSPENDED')}>
            {t('action.suspend')}
          </Button>
          <Button danger icon={<StopOutlined />} onClick={() => confirm('CANCELLED')}>
            {t('action.cancelJob')}
          </Button>
          <Button type="text" icon={<CloseOutlined />} aria-label={t('bulk.clear')} title={t('bulk.clear')} onClick={onClear} />
        </>
      )}
    </div>
  );
}
