import { Alert, App, Input, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { useDeleteDeployment } from '../../api/deployments';
import { useJobs, useSavepoints } from '../../api/jobs';
import type { Deployment } from '../../api/types';
import { ErrorDetails } from '../../ui/ErrorState';

interface Props {
  deployment: Deployment;
  onClose: () => void;
}

/** Names what is lost, and wants the name typed. */
export function DeleteDialog({ deployment, onClose }: Props) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const { id, name = '' } = deployment.metadata;
  const { data: jobs } = useJobs(id);
  const { data: savepoints } = useSavepoints(id);
  const remove = useDeleteDeployment(name);
  const [typed, setTyped] = useState('');
  const cascade = deployment.spec?.state === 'RUNNING';
  return (
    <Modal
      open
      title={t('deployment.deleteTitle', { name })}
      onCancel={onClose}
      cancelText={t('action.back')}
      okText={t(cascade ? 'deployment.cancelAndDelete' : 'action.delete')}
      okButtonProps={{ danger: true, disabled: typed !== name, loading: remove.isPending }}
      onOk={() =>
        remove.mutate(cascade, {
          onSuccess: () => {
            message.success(t('deployment.deleteAsked', { name }));
            void navigate('/deployments');
          },
        })
      }
    >
      {cascade && <Alert type="warning" showIcon title={t('deployment.deleteRunning')} style={{ marginBottom: 12 }} />}
      <p>{t('deployment.deleteLoses')}</p>
      <ul>
        <li>{t('deployment.losesJobs', { count: jobs?.size ?? 0 })}</li>
        <li>{t('deployment.losesSavepoints', { count: savepoints?.size ?? 0 })}</li>
        <li>{t('deployment.losesHistory')}</li>
      </ul>
      <label htmlFor="delete-name">{t('deployment.typeName', { name })}</label>
      <Input
        id="delete-name"
        value={typed}
        autoFocus
        autoComplete="off"
        onChange={(event) => setTyped(event.target.value)}
      />
      {remove.error && (
        <Alert type="error" showIcon style={{ marginTop: 12 }} title={<ErrorDetails error={remove.error} />} />
      )}
    </Modal>
  );
}
