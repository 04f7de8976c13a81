import assert from 'node:assert/strict';
import { it } from 'node:test';
import { startService } from './service-process.ts';

/**
 * What the kubelet puts into every container of a namespace that has a Service called `detrails` with two
 * ports, as long as nobody says `enableServiceLinks: false`.
 * @see https://kubernetes.io/docs/tutorials/services/connect-applications-service/#environment-variables
 */
const SERVICE_LINKS = {
  DETRAILS_PORT: 'tcp://10.0.0.1:80',
  DETRAILS_SERVICE_HOST: '10.0.0.1',
  DETRAILS_SERVICE_PORT: '80',
  DETRAILS_SERVICE_PORT_HTTP: '80',
  DETRAILS_SERVICE_PORT_METRICS: '9464',
  DETRAILS_PORT_80_TCP: 'tcp://10.0.0.1:80',
  DETRAILS_PORT_80_TCP_PROTO: 'tcp',
  DETRAILS_PORT_80_TCP_PORT: '80',
  DETRAILS_PORT_80_TCP_ADDR: '10.0.0.1',
  DETRAILS_PORT_9464_TCP: 'tcp://10.0.0.1:9464',
  DETRAILS_PORT_9464_TCP_PROTO: 'tcp',
  DETRAILS_PORT_9464_TCP_PORT: '9464',
  DETRAILS_PORT_9464_TCP_ADDR: '10.0.0.1',
};

it('the process starts with the variables of a Kubernetes Service called detrails, on its default port', async (t) => {
  // The default port may be taken on this machine: an address of the loopback range that nobody else uses.
  const service = await startService(t, { ...SERVICE_LINKS, DETRAILS_HOST: '127.8.0.80' });

  assert.equal(service.url, 'http://127.8.0.80:8080');
  assert.equal((await fetch(`${service.url}/readyz`)).status, 200);
  assert.equal(await service.stop('SIGTERM'), 0);
});

it('a misspelled variable still stops the process, by name', async (t) => {
  await assert.rejects(
    startService(t, { ...SERVICE_LINKS, DETRAILS_PROT: '8080' }),
    /DETRAILS_PROT is not an option/,
  );
});
