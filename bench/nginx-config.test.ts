import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { localNginxConfig } from './nginx-config.ts';

const place = { port: 9000, servers: ['127.0.0.1:1', '127.0.0.1:2'], folder: '/tmp/x' };

it('names other servers with the same parameters, another port, and folders it may write to', () => {
  const config = `http {
    upstream a {
        least_conn;
        server one:8080 max_fails=3 fail_timeout=30s;
        # a second one
        server two:8080;
        keepalive 64;
    }
    server {
        listen 8080;
    }
}
`;
  expect(localNginxConfig(config, place)).toBe(`http {
    client_body_temp_path /tmp/x/client_body;
    proxy_temp_path /tmp/x/proxy;
    fastcgi_temp_path /tmp/x/fastcgi;
    uwsgi_temp_path /tmp/x/uwsgi;
    scgi_temp_path /tmp/x/scgi;
    upstream a {
        least_conn;
        server 127.0.0.1:1 max_fails=3 fail_timeout=30s;
        server 127.0.0.1:2 max_fails=3 fail_timeout=30s;
        keepalive 64;
    }
    server {
        listen 127.0.0.1:9000;
    }
}
`);
});

it('gives a server its own parameters besides those of the file, and keeps those of listen', () => {
  const config = 'http {\n server one:8080 max_fails=3;\n listen 8080 backlog=4096;\n}\n';
  const changed = localNginxConfig(config, { ...place, servers: ['127.0.0.1:1 weight=6'] });
  expect(changed).toContain(
    ' server 127.0.0.1:1 weight=6 max_fails=3;\n listen 127.0.0.1:9000 backlog=4096;\n',
  );
});

it.each([
  ['no server', 'http {\n listen 1;\n}\n', 'a server line'],
  ['two listens', 'http {\n server a;\n listen 1;\n listen 2;\n}\n', 'a listen line'],
  ['no http', ' server a;\n listen 1;\n', 'an http block'],
])('refuses a file with %s', (_, config, what) => {
  expect(() => localNginxConfig(config, place)).toThrow(what);
});

it("changes the repository's own file in those places alone", () => {
  const original = readFileSync(new URL('../nginx/nginx.conf', import.meta.url), 'utf8').split('\n');
  const changed = localNginxConfig(original.join('\n'), place).split('\n');
  expect(changed.filter((line) => !original.includes(line))).toHaveLength(5 + 2 + 1);
  expect(original.filter((line) => !changed.includes(line))).toHaveLength(2);
});
