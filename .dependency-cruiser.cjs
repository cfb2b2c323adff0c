// The arrows of ARCHITECTURE.md: a folder imports only what stands after it in its package's order.
const orders = {
  'pool-client': [
    'index',
    'langchain',
    'djl-embedder-pool',
    'pool',
    'options',
    'dispatch',
    'queue',
    'planning',
    'discovery',
    'backend',
    'events',
    'balancing',
    'cost',
    'wire',
    'job',
    'backend-entry',
    'identity',
    'protocol',
    'errors',
    'random',
    'clock',
  ],
  gateway: [
    'main',
    'gateway',
    'local-backends',
    'operator-files',
    'app',
    'listener',
    'routes',
    'drain',
    'metrics',
    'admission',
    'usage',
    'dialects',
    'log',
    'config',
    'errors',
  ],
  'local-backend': ['main', 'app', 'queue', 'model', 'config', 'errors'],
};

/** One rule for each folder or file: nothing later in the order may import something earlier. */
const arrows = Object.entries(orders).flatMap(([pkg, order]) =>
  order.slice(1).map((name, i) => ({
    name: `${pkg}-${name}-looks-down`,
    comment: `in ${pkg}, ${name} may import only what stands after it: ${order.join(' > ')}`,
    severity: 'error',
    from: { path: `^packages/${pkg}/src/${name}(/|\\.ts$)`, pathNot: '\\.test(-support)?\\.ts$' },
    to: { path: `^packages/${pkg}/src/(${order.slice(0, i + 1).join('|')})(/|\\.ts$)` },
  })),
);

/** Each outside library has one owner file (or folder); everyone else sees our own small interface. */
const owner = (library, pkg, path) => ({
  name: `${pkg}-owner-of-${library}`,
  severity: 'error',
  from: { path: `^packages/${pkg}/src/`, pathNot: [`^packages/${pkg}/src/${path}`, '\\.test\\.ts$'] },
  to: { path: `node_modules/${library}/` },
});

const onlyThese = (pkg, allowed) => ({
  name: `${pkg}-between-packages`,
  severity: 'error',
  from: { path: `^packages/${pkg}/src/`, pathNot: '\\.test(-support)?\\.ts$' },
  to: {
    path: '^packages/',
    pathNot: [`^packages/${pkg}/`, ...allowed.map((name) => `^packages/${name}/src/index\\.ts$`)],
  },
});

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'not-through-the-index',
      comment: 'inside a package import the file itself, never the index',
      severity: 'error',
      from: { path: '^packages/([^/]+)/src/' },
      to: { path: '^packages/$1/src/index\\.ts$' },
    },
    ...arrows,
    owner('undici', 'pool-client', 'wire/undici-transport\\.ts'),
    owner('opossum', 'pool-client', 'backend/breaker\\.ts'),
    owner('p-queue', 'pool-client', 'backend/limiter\\.ts'),
    owner('prom-client', 'gateway', 'metrics\\.ts'),
    owner('pino', 'gateway', 'log\\.ts'),
    owner('onnxruntime-node', 'local-backend', 'model/session-worker\\.ts'),
    onlyThese('pool-client', []),
    onlyThese('gateway', ['pool-client']),
    onlyThese('scaler', []),
    onlyThese('local-backend', []),
    onlyThese('testing', []),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
