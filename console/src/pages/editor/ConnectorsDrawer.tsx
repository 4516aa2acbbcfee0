import { Drawer, Input, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DataTable } from '../../ui/DataTable';
import { CopyIcon } from '../../ui/ErrorState';
import { type Connector, findConnectors, snippetOf } from './connectors';
import styles from './ConnectorsDrawer.module.css';

function Name({ connector: { name, directions, versions, note } }: { connector: Connector }) {
  const { t } = useTranslation();
  return (
    <>
      <strong>{name}</strong>
      <div className={styles.tags}>
        {directions.map((direction) => (
          <Tag key={direction}>{t(`connectors.direction.${direction}`)}</Tag>
        ))}
        <Tag>Flink {versions}</Tag>
      </div>
      {note && <div className="soft">{t(`connectors.note.${note}`)}</div>}
    </>
  );
}

function Codes({ texts }: { texts: readonly string[] }) {
  return (
    <ul className={styles.codes}>
      {texts.map((text) => (
        <li key={text}>
          <code className="mono break">{text}</code>
        </li>
      ))}
    </ul>
  );
}

function Snippet({ connector }: { connector: Connector }) {
  const { t } = useTranslation();
  const text = snippetOf(connector);
  return (
    <div className={styles.snippet}>
      <pre className="mono">{text}</pre>
      <CopyIcon text={text} label={t('connectors.copy', { name: connector.name })} />
    </div>
  );
}

/** Which artifact a program needs to reach a system, its options, and what to write for it. */
export default function ConnectorsDrawer({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [query, setQuery] = useState('');
  return (
    <Drawer open size={1100} title={t('connectors.title')} onClose={onClose}>
      <p className="soft">{t('connectors.explain')}</p>
      <Input
        allowClear
        autoFocus
        value={query}
        placeholder={t('connectors.search')}
        aria-label={t('connectors.search')}
        onChange={(event) => setQuery(event.target.value)}
        className={styles.search}
      />
      <DataTable<Connector>
        label={t('connectors.title')}
        size="small"
        rowKey="name"
        pagination={false}
        minWidth={820}
        dataSource={[...findConnectors(query)]}
        locale={{ emptyText: t('connectors.noMatch') }}
        columns={[
          { title: t('connectors.connector'), width: '24%', render: (_, connector) => <Name connector={connector} /> },
          { title: t('connectors.artifact'), width: '22%', render: (_, { artifacts }) => <Codes texts={artifacts} /> },
          { title: t('connectors.options'), width: '20%', render: (_, { options }) => <Codes texts={options} /> },
          { title: t('connectors.snippet'), render: (_, connector) => <Snippet connector={connector} /> },
        ]}
      />
    </Drawer>
  );
}
