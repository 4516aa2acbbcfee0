import { Skeleton } from 'antd';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Navigate, useNavigate, useParams } from 'react-router';
import { useDeployment } from '../../api/deployments';
import { useJobs } from '../../api/jobs';
import type { Deployment } from '../../api/types';
import { ErrorState } from '../../ui/ErrorState';
import { TabBar } from '../../ui/TabBar';
import { useTitle } from '../../ui/useTitle';
import { DeploymentHeader } from './DeploymentHeader';
import { FailureNotice } from './FailureNotice';
import { TransitionProgress } from './TransitionProgress';
import styles from './DeploymentPage.module.css';

const Overview = lazy(() => import('./Overview'));
const Graph = lazy(() => import('./Graph'));
const Metrics = lazy(() => import('./Metrics'));
const Events = lazy(() => import('./Events'));
const Jobs = lazy(() => import('./Jobs'));
const Savepoints = lazy(() => import('./Savepoints'));
const Logs = lazy(() => import('./Logs'));
const History = lazy(() => import('./History'));
const YamlTab = lazy(() => import('./YamlTab'));

export interface TabProps {
  deployment: Deployment;
}

const TABS = [
  { key: 'overview', Content: Overview },
  { key: 'graph', Content: Graph },
  { key: 'events', Content: Events },
  { key: 'jobs', Content: Jobs },
  { key: 'savepoints', Content: Savepoints },
  { key: 'metrics', Content: Metrics },
  { key: 'logs', Content: Logs },
  { key: 'history', Content: History },
  { key: 'yaml', Content: YamlTab },
] as const;

export function DeploymentPage() {
  const { name = '', tab } = useParams();
  const { data, error, isPending, refetch } = useDeployment(name);
  useTitle(name);
  if (tab === undefined) return <Navigate to="overview" replace />;
  if (isPending) return <Skeleton active className={styles.page} paragraph={{ rows: 10 }} />;
  if (!data)
    return (
      <div className={styles.page}>
        <ErrorState error={error} retry={() => void refetch()} />
      </div>
    );
  return <Content deployment={data} tab={tab} />;
}

function Content({ deployment, tab }: { deployment: Deployment; tab: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { data: jobs } = useJobs(deployment.metadata.id);
  const name = encodeURIComponent(deployment.metadata.name ?? '');
  const chosen = TABS.find(({ key }) => key === tab);
  if (chosen === undefined) return <Navigate to={`/deployments/${name}/overview`} replace />;
  return (
    <div className={styles.page}>
      <DeploymentHeader deployment={deployment} />
      <FailureNotice deployment={deployment} />
      <TransitionProgress deployment={deployment} job={jobs?.values().next().value} />
      <TabBar
        label={t('deployment.tabs')}
        active={chosen.key}
        onChoose={(key) => void navigate(`/deployments/${name}/${key}`)}
        tabs={TABS.map(({ key }) => ({ key, text: t(`tab.${key}`) }))}
      />
      <Suspense fallback={<Skeleton active paragraph={{ rows: 6 }} />}>
        <div className={styles.content}>
          <chosen.Content deployment={deployment} />
        </div>
      </Suspense>
    </div>
  );
}
