import { stringify } from 'yaml';

export type Direction = 'source' | 'sink' | 'fileSystem';
/** Key of a text: `connectors.note.<note>`. */
export type ConnectorNote =
  | 'transactions'
  | 'oldNode'
  | 'exactlyOnce'
  | 'noMaven'
  | 'inFlink'
  | 'noStreamingSink'
  | 'retired'
  | 'libraries'
  | 'ossFrom'
  | 'buildIt'
  | 'logVersions';

/** What a program needs to reach a system, for Flink 1.6 to 1.8. Names and options are the connector's own. */
export interface Connector {
  name: string;
  directions: readonly Direction[];
  /** Of Flink, e.g. "1.6-1.8". */
  versions: string;
  /** Group and artifact; without a version it is Flink's. */
  artifacts: readonly string[];
  options: readonly string[];
  /** What a program that reads these options from its arguments is given. */
  mainArgs?: string;
  configuration?: Readonly<Record<string, string>>;
  note?: ConnectorNote;
}

const FLINK = 'org.apache.flink:';
const KAFKA_ARGS = '--bootstrap.servers broker:9092 --group.id orders --topic orders';

export const CONNECTORS: readonly Connector[] = [
  {
    name: 'Apache Kafka 1.0+',
    directions: ['source', 'sink'],
    versions: '1.7-1.8',
    artifacts: [`${FLINK}flink-connector-kafka_2.11`],
    options: ['bootstrap.servers', 'group.id', 'topic', 'transaction.timeout.ms'],
    mainArgs: `${KAFKA_ARGS} --transaction.timeout.ms 600000`,
    note: 'transactions',
  },
  {
    name: 'Apache Kafka 0.11',
    directions: ['source', 'sink'],
    versions: '1.6-1.8',
    artifacts: [`${FLINK}flink-connector-kafka-0.11_2.11`],
    options: ['bootstrap.servers', 'group.id', 'topic', 'transaction.timeout.ms'],
    mainArgs: `${KAFKA_ARGS} --transaction.timeout.ms 600000`,
    note: 'transactions',
  },
  {
    name: 'Apache Kafka 0.9, 0.10',
    directions: ['source', 'sink'],
    versions: '1.6-1.8',
    artifacts: [`${FLINK}flink-connector-kafka-0.9_2.11`, `${FLINK}flink-connector-kafka-0.10_2.11`],
    options: ['bootstrap.servers', 'group.id', 'topic'],
    mainArgs: KAFKA_ARGS,
  },
  {
    name: 'Apache Kafka 0.8',
    directions: ['source', 'sink'],
    versions: '1.6-1.8',
    artifacts: [`${FLINK}flink-connector-kafka-0.8_2.11`],
    options: ['bootstrap.servers', 'zookeeper.connect', 'group.id', 'topic'],
    mainArgs: `${KAFKA_ARGS} --zookeeper.connect zookeeper:2181`,
  },
  {
    name: 'Elasticsearch 6',
    directions: ['sink'],
    versions: '1.6-1.8',
    artifacts: [`${FLINK}flink-connector-elasticsearch6_2.11`],
    options: ['hosts', 'index', 'bulk.flush.max.actions', 'bulk.flush.max.size.mb', 'bulk.flush.interval.ms'],
    mainArgs: '--hosts http://elasticsearch:9200 --index orders --bulk.flush.max.actions 1000',
  },
  {
    name: 'Elasticsearch 1, 2, 5',
    directions: ['sink'],
    versions: '1.6-1.8',
    artifacts: [
      `${FLINK}flink-connector-elasticsearch_2.11`,
      `${FLINK}flink-connector-elasticsearch2_2.11`,
      `${FLINK}flink-connector-elasticsearch5_2.11`,
    ],
    options: ['cluster.name', 'bulk.flush.max.actions', 'bulk.flush.max.size.mb', 'bulk.flush.interval.ms'],
    mainArgs: '--cluster.name search --hosts elasticsearch:9300 --bulk.flush.max.actions 1000',
    note: 'oldNode',
  },
  {
    name: 'Apache Cassandra',
    directions: ['sink'],
    versions: '1.6-1.8',
    artifacts: [`${FLINK}flink-connector-cassandra_2.11`],
    options: ['host', 'port', 'query'],
    mainArgs: "--host cassandra --port 9042 --query 'INSERT INTO shop.orders (id, total) VALUES (?, ?)'",
  },
  {
    name: 'RabbitMQ',
    directions: ['source', 'sink'],
    versions: '1.6-1.8',
    artifacts: [`${FLINK}flink-connector-rabbitmq_2.11`],
    options: ['host', 'port', 'virtualHost', 'userName', 'password', 'queue'],
    mainArgs: '--host rabbitmq --port 5672 --virtualHost / --userName weir --password ${rabbitmq-password} --queue orders',
    note: 'exactlyOnce',
  },
  {
    name: 'Amazon Kinesis',
    directions: ['source', 'sink'],
    versions: '1.6-1.8',
    artifacts: [`${FLINK}flink-connector-kinesis_2.11`],
    options: ['aws.region', 'aws.endpoint', 'stream', 'flink.stream.initpos'],
    mainArgs: '--aws.region eu-central-1 --stream orders --flink.stream.initpos LATEST',
    note: 'noMaven',
  },
  {
    name: 'Apache NiFi',
    directions: ['source', 'sink'],
    versions: '1.6-1.8',
    artifacts: [`${FLINK}flink-connector-nifi_2.11`],
    options: ['url', 'portName', 'requestBatchCount'],
    mainArgs: '--url http://nifi:8080/nifi --portName orders --requestBatchCount 5',
  },
  {
    name: 'Twitter',
    directions: ['source'],
    versions: '1.6-1.8',
    artifacts: [`${FLINK}flink-connector-twitter_2.11`],
    options: ['twitter-source.consumerKey', 'twitter-source.consumerSecret', 'twitter-source.token', 'twitter-source.tokenSecret'],
    mainArgs:
      '--twitter-source.consumerKey ${twitter-key} --twitter-source.consumerSecret ${twitter-secret} ' +
      '--twitter-source.token ${twitter-token} --twitter-source.tokenSecret ${twitter-token-secret}',
  },
  {
    name: 'StreamingFileSink',
    directions: ['sink'],
    versions: '1.6-1.8',
    artifacts: [`${FLINK}flink-streaming-java_2.11`],
    options: ['path'],
    mainArgs: '--path s3://bucket/orders',
    note: 'inFlink',
  },
  {
    name: 'BucketingSink',
    directions: ['sink'],
    versions: '1.6-1.8',
    artifacts: [`${FLINK}flink-connector-filesystem_2.11`],
    options: ['path', 'batchSize'],
    mainArgs: '--path hdfs:///data/orders --batchSize 134217728',
  },
  {
    name: 'JDBC',
    directions: ['source', 'sink'],
    versions: '1.6-1.8',
    artifacts: [`${FLINK}flink-jdbc`, `${FLINK}flink-jdbc_2.11`],
    options: ['drivername', 'dbURL', 'username', 'password', 'query', 'batchInterval'],
    mainArgs: '--drivername org.postgresql.Driver --dbURL jdbc:postgresql://db/shop --username weir --password ${db-password}',
  },
  {
    name: 'Apache HBase',
    directions: ['source'],
    versions: '1.6-1.8',
    artifacts: [`${FLINK}flink-hbase_2.11`],
    options: ['hbase.zookeeper.quorum', 'table'],
    mainArgs: '--hbase.zookeeper.quorum zookeeper:2181 --table orders',
    note: 'noStreamingSink',
  },
  {
    name: 'Redis',
    directions: ['sink'],
    versions: '1.6-1.8',
    artifacts: ['org.apache.bahir:flink-connector-redis_2.11:1.0'],
    options: ['host', 'port', 'password'],
    mainArgs: '--host redis --port 6379 --password ${redis-password}',
    note: 'retired',
  },
  {
    name: 'Amazon S3',
    directions: ['fileSystem'],
    versions: '1.6-1.8',
    artifacts: [`${FLINK}flink-s3-fs-hadoop`, `${FLINK}flink-s3-fs-presto`],
    options: ['s3.access-key', 's3.secret-key', 's3.endpoint', 's3.path.style.access'],
    configuration: { 's3.endpoint': 'https://s3.example.com', 's3.access-key': '${s3-access-key}', 's3.secret-key': '${s3-secret-key}' },
    note: 'libraries',
  },
  {
    name: 'Alibaba Cloud OSS',
    directions: ['fileSystem'],
    versions: '1.8',
    artifacts: [`${FLINK}flink-oss-fs-hadoop`],
    options: ['fs.oss.endpoint', 'fs.oss.accessKeyId', 'fs.oss.accessKeySecret'],
    configuration: {
      'fs.oss.endpoint': 'oss-cn-hangzhou.aliyuncs.com',
      'fs.oss.accessKeyId': '${oss-access-id}',
      'fs.oss.accessKeySecret': '${oss-access-key}',
    },
    note: 'ossFrom',
  },
  {
    name: 'Alibaba Cloud DataHub',
    directions: ['source', 'sink'],
    versions: '1.6-1.8',
    artifacts: ['com.alibaba.flink:datahub-connector:0.1-SNAPSHOT'],
    options: ['endpoint', 'project', 'topic', 'accessId', 'accessKey', 'startInMs', 'stopInMs', 'maxRetryTimes', 'batchReadSize'],
    mainArgs:
      '--endpoint https://dh-cn-hangzhou.aliyuncs.com --project shop --topic orders --accessId ${datahub-id} --accessKey ${datahub-key}',
    note: 'buildIt',
  },
  {
    name: 'Alibaba Cloud Log Service (SLS)',
    directions: ['source', 'sink'],
    versions: '1.6-1.8',
    artifacts: ['com.aliyun.openservices:flink-log-connector:0.1.17'],
    options: ['ENDPOINT', 'ACCESSKEYID', 'ACCESSKEY', 'PROJECT', 'LOGSTORE', 'CONSUMER_GROUP', 'CONSUMER_BEGIN_POSITION', 'MAX_NUMBER_PER_FETCH'],
    mainArgs:
      '--ENDPOINT cn-hangzhou.log.aliyuncs.com --PROJECT shop --LOGSTORE orders --ACCESSKEYID ${sls-id} --ACCESSKEY ${sls-key} ' +
      '--CONSUMER_GROUP orders --CONSUMER_BEGIN_POSITION consumer_from_checkpoint',
    note: 'logVersions',
  },
  {
    name: 'Alibaba Cloud HBase',
    directions: ['sink'],
    versions: '1.6-1.8',
    artifacts: ['com.alibaba.flink:cloudhbase-connector:0.1-SNAPSHOT'],
    options: ['zkQuorum', 'zkZNodeParent', 'table', 'bufferSize', 'batchSize', 'flushInterval', 'maxRetryNumber'],
    mainArgs: '--zkQuorum zookeeper:2181 --zkZNodeParent /hbase --table orders --batchSize 1000',
    note: 'buildIt',
  },
];

/** What stands in the deployment's template.spec, as YAML to copy. */
export function snippetOf({ mainArgs, configuration }: Connector): string {
  return stringify(
    { ...(mainArgs && { artifact: { mainArgs } }), ...(configuration && { flinkConfiguration: configuration }) },
    { lineWidth: 0 },
  );
}

/** Those that hold every word somewhere in their name, artifacts or options. */
export function findConnectors(query: string): readonly Connector[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return CONNECTORS.filter(({ name, artifacts, options, directions }) => {
    const text = [name, ...artifacts, ...options, ...directions].join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
