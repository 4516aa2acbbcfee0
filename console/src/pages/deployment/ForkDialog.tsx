import { Alert, Button, Form, Input, Modal, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useFork } from '../../api/deployments';
import { useSavepoints } from '../../api/jobs';
import type { Deployment } from '../../api/types';
import { formatTime } from '../../format/time';
import { ErrorDetails } from '../../ui/ErrorState';

interface Props {
  deployment: Deployment;
  /** The savepoint that is chosen at first. */
  savepointId?: string;
  onClose: () => void;
}

/** Makes a CANCELLED copy, with the state of a savepoint or without state. */
export function ForkDialog({ deployment, savepointId, onClose }: Props) {
  const { t } = useTranslation();
  const fork = useFork(deployment.metadata.name ?? '');
  const { data: savepoints } = useSavepoints(deployment.metadata.id);
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState(savepointId ?? '');
  const usable = [...(savepoints?.values() ?? [])].filter(({ status }) => status?.state === 'COMPLETED');
  if (fork.data) {
    const made = fork.data.deployment.metadata.name ?? '';
    return (
      <Modal
        open
        title={t('fork.made', { name: made })}
        onCancel={onClose}
        footer={
          <Link to={`/deployments/${encodeURIComponent(made)}/overview`} onClick={onClose}>
            <Button type="primary" tabIndex={-1}>
              {t('fork.open')}
            </Button>
          </Link>
        }
      >
        <p>{t('fork.before')}</p>
        <Alert
          type="warning"
          showIcon
          title={
            <ul style={{ margin: 0, paddingInlineStart: 18 }}>
              {fork.data.warnings.map((warning) => (
                <li key={warning}>{warning}</li>
              ))}
            </ul>
          }
        />
      </Modal>
    );
  }
  return (
    <Modal
      open
      title={t('fork.title', { name: deployment.metadata.name })}
      onCancel={onClose}
      cancelText={t('action.back')}
      okText={t('action.fork')}
      okButtonProps={{ loading: fork.isPending }}
      onOk={() => fork.mutate({ ...(name ? { name } : {}), ...(chosen ? { savepointId: chosen } : {}) })}
    >
      <p>{t('fork.explain')}</p>
      <Form layout="vertical">
        <Form.Item label={t('field.name')} htmlFor="fork-name">
          <Input
            id="fork-name"
            value={name}
            placeholder={`fork-of-${deployment.metadata.name}`}
            onChange={(event) => setName(event.target.value)}
          />
        </Form.Item>
        <Form.Item label={t('fork.state')} htmlFor="fork-savepoint">
          <Select
            id="fork-savepoint"
            value={chosen}
            onChange={setChosen}
            options={[
              { value: '', label: t('fork.noState') },
              ...usable.map(({ metadata, spec }) => ({
                value: metadata.id,
                label: `${formatTime(metadata.createdAt ?? '')} · ${spec?.savepointLocation ?? ''}`,
              })),
            ]}
          />
        </Form.Item>
      </Form>
      {fork.error && <Alert type="error" showIcon title={<ErrorDetails error={fork.error} />} />}
    </Modal>
  );
}
