import { Skeleton } from 'antd';
import { useTranslation } from 'react-i18next';
import { useNamespaces } from '../../api/settings';
import type { Namespace } from '../../api/types';
import { DataTable } from '../../ui/DataTable';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorState } from '../../ui/ErrorState';
import { Page } from '../../ui/Page';
import { StateBadge } from '../../ui/StateBadge';

/** The namespaces that the server names; it refuses to make or change any. */
export default function Namespaces() {
  const { t } = useTranslation();
  const { data, error, isPending, refetch } = useNamespaces();
  return (
    <Page title={t('nav.namespaces')} hint={t('namespaces.hint')}>
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {isPending && <Skeleton active />}
      {data?.length === 0 && <EmptyState title={t('namespaces.none')} hint={t('namespaces.noneHint')} />}
      {data && data.length > 0 && (
        <DataTable<Namespace>
          label={t('nav.namespaces')}
          rowKey="name"
          size="middle"
          pagination={false}
          dataSource={data}
          minWidth={320}
          columns={[
            { title: t('field.name'), render: (_, { name }) => <strong>{name}</strong> },
            { title: t('field.state'), render: (_, { phase }) => <StateBadge state={phase} /> },
          ]}
        />
      )}
    </Page>
  );
}
