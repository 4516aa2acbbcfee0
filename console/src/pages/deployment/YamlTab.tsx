import { Button, Segmented, Space } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { stringify } from 'yaml';
import { CopyIcon } from '../../ui/ErrorState';
import { YamlEditor } from '../../ui/YamlEditor';
import { editable } from '../editor/document';
import type { TabProps } from './DeploymentPage';

type View = 'all' | 'editable';

/** The deployment as the server has it, or only what a user writes. */
export default function YamlTab({ deployment }: TabProps) {
  const { t } = useTranslation();
  const [view, setView] = useState<View>('editable');
  const text = view === 'all' ? stringify(deployment) : stringify(editable(deployment));
  const name = deployment.metadata.name ?? '';
  return (
    <>
      <Space wrap style={{ marginBottom: 10 }}>
        <Segmented<View>
          value={view}
          onChange={setView}
          aria-label={t('yaml.view')}
          options={[
            { value: 'editable', label: t('yaml.editable') },
            { value: 'all', label: t('yaml.all') },
          ]}
        />
        <CopyIcon text={text} label={t('yaml.copy')} />
        <Link to={`/deployments/${encodeURIComponent(name)}/edit?view=yaml`}>
          <Button tabIndex={-1}>{t('action.edit')}</Button>
        </Link>
      </Space>
      <YamlEditor value={text} readOnly label={t('tab.yaml')} />
    </>
  );
}
