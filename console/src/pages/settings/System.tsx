import { Alert, Skeleton, Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import { baseUrl } from '../../api/client';
import { useFlinkVersions, useStandbyPools, useSystem } from '../../api/settings';
import { formatBytes, shownZone } from '../../format/time';
import { usePreferences } from '../../app/preferences';
import { CopyIcon, ErrorState } from '../../ui/ErrorState';
import { Facts } from '../../ui/Facts';
import { Page } from '../../ui/Page';
import { TimeText } from '../../ui/TimeText';
import styles from './System.module.css';

/** What this server is, what it can run, and where its machines' interfaces are. */
export default function System() {
  const { t } = useTranslation();
  usePreferences();
  const system = useSystem();
  const versions = useFlinkVersions();
  const pools = useStandbyPools();
  const build = system.data?.revisionInformation;
  return (
    <Page title={t('nav.system')}>
      {system.error && <ErrorState error={system.error} retry={() => void system.refetch()} />}
      {system.isPending && <Skeleton active />}
      <div className={styles.grid}>
        {system.data && (
          <Facts
            title="Weir"
            facts={[
              { label: t('system.version'), value: build?.buildVersion },
              { label: t('system.commit'), value: build?.commitShaLong && <><code className="mono">{build.commitShaShort}</code> <CopyIcon text={build.commitShaLong} /></> },
              { label: t('system.built'), value: <TimeText time={build?.buildTime} /> },
              { label: t('system.usedCpu'), value: system.data.resourceQuota?.status?.used?.cpu, hint: t('system.usedCpuHint') },
              { label: t('system.zone'), value: shownZone(), hint: t('preferences.zoneHint') },
            ]}
          />
        )}
        {versions.data && (
          <Facts
            title={t('system.flink')}
            facts={versions.data.map((version) => ({
              label: (
                <>
                  Flink {version.version} {version.default && <Tag color="blue">{t('field.default')}</Tag>}
                </>
              ),
              value: t('system.java', { version: version.javaMajor }),
              hint: `${version.path} · ${version.archivesProblem ?? t(version.archives ? 'system.archives' : 'system.noArchives')}`,
            }))}
            extra={versions.data.length === 0 && <Alert type="warning" showIcon title={<>{t('system.noFlink')} <code className="mono">weir flink add 1.20</code></>} />}
          />
        )}
        {pools.data && pools.data.length > 0 && (
          <Facts
            title={t('system.standby')}
            facts={pools.data.map((pool) => ({
              label: pool.name,
              value: t('system.standbyReady', { ready: pool.ready, wanted: pool.wanted }),
              hint: (
                <>
                  {t('system.standbyCost', { memory: formatBytes(pool.memoryBytes ?? 0), cpu: pool.cpu })}
                  {pool.message && <div>{pool.message}</div>}
                </>
              ),
            }))}
          />
        )}
        <Facts
          title={t('system.interfaces')}
          facts={[
            { label: 'OpenAPI', value: <a href={`${baseUrl}api/openapi.json`} target="_blank" rel="noreferrer">api/openapi.json</a> },
            { label: 'Prometheus', value: <a href={`${baseUrl}metrics`} target="_blank" rel="noreferrer">metrics</a>, hint: t('system.metricsHint') },
            { label: t('system.commandLine'), value: <code className="mono">export WEIR_URL={baseUrl.replace(/\/$/, '')}</code> },
          ]}
        />
      </div>
    </Page>
  );
}
