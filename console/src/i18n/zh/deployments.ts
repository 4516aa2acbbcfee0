import type { deployments as en } from '../en/deployments';

export const deployments: typeof en = {
  deployments: {
    create: '创建部署',
    searchPlaceholder: '名称，或标签 key:value',
    filterState: '按状态筛选',
    filterLabel: '只显示 {{label}}',
    selectAll: '全选',
    select: '选择 {{name}}',
    none: '还没有部署',
    noneHint: '部署是一个 jar 加上它的配置，以及它应处的状态。Weir 让它成为现实并一直保持。',
    noMatch: '没有匹配的部署',
    noMatchHint_one: '共有 {{count}} 个部署。',
    noMatchHint_other: '共有 {{count}} 个部署。',
    clearFilter: '清除筛选',
  },
  bulk: {
    region: '对所选部署的操作',
    selected_one: '已选 {{count}} 个',
    selected_other: '已选 {{count}} 个',
    clear: '清除选择',
    progress: '{{done}} / {{total}}',
    done_one: '已请求 {{count}} 个部署变为“{{state}}”。',
    done_other: '已请求 {{count}} 个部署变为“{{state}}”。',
    failed_one: '{{total}} 个中有 {{count}} 个被拒绝，首个是 {{name}}',
    failed_other: '{{total}} 个中有 {{count}} 个被拒绝，首个是 {{name}}',
    cancelTitle_one: '取消 {{count}} 个部署？',
    cancelTitle_other: '取消 {{count}} 个部署？',
    suspendTitle_one: '暂停 {{count}} 个部署？',
    suspendTitle_other: '暂停 {{count}} 个部署？',
  },
};
