import {
  CaretRightOutlined,
  DeleteOutlined,
  EditOutlined,
  ExportOutlined,
  ForkOutlined,
  MoreOutlined,
  PauseOutlined,
  SaveOutlined,
  StopOutlined,
} from '@ant-design/icons';
import { App, Button, Dropdown, Tooltip } from 'antd';
import type { ReactNode } from 'react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { basePath, NAMESPACE } from '../../api/client';
import { readDeployment, setDesiredState, useRetry, useSetState } from '../../api/deployments';
import { useCreateSavepoint } from '../../api/jobs';
import type { Deployment, DesiredState } from '../../api/types';
import { useErrorNotice } from '../../ui/ErrorState';
import { type ActionName, hindrances, restart, startWay } from './actions';
import { DeleteDialog } from './DeleteDialog';
import { ForkDialog } from './ForkDialog';
import styles from './DeploymentPage.module.css';

const LOOK_AGAIN_MILLISECONDS = 300;
const pause = () => new Promise<void>((resolve) => setTimeout(resolve, LOOK_AGAIN_MILLISECONDS));

interface ActionButtonProps {
  name: ActionName;
  icon: ReactNode;
  text: string;
  hint?: string;
  hindrance?: string;
  primary?: boolean;
  danger?: boolean;
  loading?: boolean;
  href?: string;
  run?: () => void;
}

/** A button that says why it cannot be used; it stays focusable so that everybody can read that. */
function ActionButton({ icon, text, hint, hindrance, primary, danger, loading, href, run }: ActionButtonProps) {
  const blocked = hindrance !== undefined;
  return (
    <Tooltip title={hindrance ?? hint}>
      <Button
        type={primary && !blocked ? 'primary' : 'default'}
        danger={danger && !blocked}
        icon={icon}
        loading={loading}
        href={blocked ? undefined : href}
        target={href && !blocked ? '_blank' : undefined}
        aria-disabled={blocked}
        aria-description={hindrance}
        className={blocked ? 'blocked' : undefined}
        onClick={blocked ? undefined : run}
      >
        {text}
      </Button>
    </Tooltip>
  );
}

function useStateChange(deployment: Deployment) {
  const { t } = useTranslation();
  const { message, modal } = App.useApp();
  const notice = useErrorNotice();
  const name = deployment.metadata.name ?? '';
  const change = useSetState(name);
  const retry = useRetry(name);
  const [restarting, setRestarting] = useState(false);
  const ask = (state: DesiredState) =>
    change.mutate(state, {
      onSuccess: () => message.success(t('deployment.asked', { state: t(`state.${state}`) })),
      onError: (error) => notice(t('deployment.askFailed', { name }), error),
    });
  const start = () => {
    const way = startWay(deployment);
    if (way === 'ask') return ask('RUNNING');
    if (way === 'retry')
      return retry.mutate(undefined, {
        onSuccess: () => message.success(t('deployment.retryAsked')),
        onError: (error) => notice(t('deployment.askFailed', { name }), error),
      });
    setRestarting(true);
    restart(name, setDesiredState, (of) => readDeployment(of), pause)
      .then(() => message.success(t('deployment.asked', { state: t('state.RUNNING') })))
      .catch((error: unknown) => notice(t('deployment.askFailed', { name }), error))
      .finally(() => setRestarting(false));
  };
  const cancel = () =>
    modal.confirm({
      title: t('deployment.cancelTitle', { name }),
      content: t('action.cancelLoses'),
      okText: t('action.cancelJob'),
      okButtonProps: { danger: true },
      cancelText: t('action.back'),
      onOk: () => ask('CANCELLED'),
    });
  const starting = restarting || retry.isPending;
  return { ask, start, cancel, pending: change.isPending ? change.variables : starting ? 'RUNNING' : null };
}

export function DeploymentActions({ deployment }: { deployment: Deployment }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const notice = useErrorNotice();
  const { id, name = '' } = deployment.metadata;
  const { ask, start, cancel, pending } = useStateChange(deployment);
  const savepoint = useCreateSavepoint(id);
  const [dialog, setDialog] = useState<'fork' | 'delete' | null>(null);
  const hindered = hindrances(deployment);
  const why = (action: ActionName) => {
    const hindrance = hindered[action];
    return hindrance && t(`unavailable.${hindrance}`);
  };
  const jobId = deployment.status?.running?.jobId;
  const way = startWay(deployment);
  return (
    <div className={styles.actions} role="group" aria-label={t('deployment.actions')}>
      <ActionButton
        name="start"
        icon={<CaretRightOutlined />}
        text={t(way === 'ask' ? 'action.start' : way === 'retry' ? 'action.retryStart' : 'action.startAgain')}
        hint={way === 'ask' ? undefined : t(way === 'retry' ? 'action.retryHint' : 'action.startAgainHint')}
        hindrance={why('start')}
        primary
        loading={pending === 'RUNNING'}
        run={start}
      />
      <ActionButton
        name="suspend"
        icon={<PauseOutlined />}
        text={t('action.suspend')}
        hint={t('action.suspendHint')}
        hindrance={why('suspend')}
        loading={pending === 'SUSPENDED'}
        run={() => ask('SUSPENDED')}
      />
      <ActionButton
        name="cancel"
        icon={<StopOutlined />}
        text={t('action.cancelJob')}
        hint={t('action.cancelHint')}
        hindrance={why('cancel')}
        danger
        loading={pending === 'CANCELLED'}
        run={cancel}
      />
      <ActionButton
        name="savepoint"
        icon={<SaveOutlined />}
        text={t('action.savepoint')}
        hint={t('action.savepointHint')}
        hindrance={why('savepoint')}
        loading={savepoint.isPending}
        run={() =>
          savepoint.mutate(undefined, {
            onSuccess: () => message.success(t('deployment.savepointAsked')),
            onError: (error) => notice(t('deployment.savepointFailed'), error),
          })
        }
      />
      <Link to={`/deployments/${encodeURIComponent(name)}/edit`}>
        <Button icon={<EditOutlined />} tabIndex={-1}>
          {t('action.edit')}
        </Button>
      </Link>
      <ActionButton
        name="flinkUi"
        icon={<ExportOutlined />}
        text="Flink UI"
        hint={t('action.flinkUiHint')}
        hindrance={why('flinkUi')}
        href={`${basePath}/flink-ui/v1/namespaces/${NAMESPACE}/jobs/${jobId}/`}
      />
      <Dropdown
        trigger={['click']}
        menu={{
          items: [
            { key: 'fork', icon: <ForkOutlined />, label: t('action.fork') },
            { type: 'divider' },
            { key: 'delete', icon: <DeleteOutlined />, label: t('action.delete'), danger: true },
          ],
          onClick: ({ key }) => setDialog(key as 'fork' | 'delete'),
        }}
      >
        <Button icon={<MoreOutlined />} aria-label={t('action.more')} title={t('action.more')} />
      </Dropdown>
      {dialog === 'fork' && <ForkDialog deployment={deployment} onClose={() => setDialog(null)} />}
      {dialog === 'delete' && <DeleteDialog deployment={deployment} onClose={() => setDialog(null)} />}
    </div>
  );
}
