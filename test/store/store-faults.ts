import type { TestServer } from './redis-server.ts';
import type { SlowProxy } from './slow-proxy.ts';

/** A trouble of the shared store, made on a real server. */
export type StoreFault = {
  readonly name: string;
  begin(server: TestServer, proxy: SlowProxy): Promise<unknown>;
  end(server: TestServer, proxy: SlowProxy): Promise<unknown>;
};

/** Every trouble that the service has to live with; `slow` is four times as slow as the time-out allows. */
export function storeFaults(timeoutMs: number): readonly StoreFault[] {
  return [
    {
      name: 'killed, and restarted empty',
      begin: (server) => server.kill(),
      end: (server) => server.start(),
    },
    {
      name: 'paused (SIGSTOP)',
      begin: async (server) => process.kill(server.pid, 'SIGSTOP'),
      end: async (server) => process.kill(server.pid, 'SIGCONT'),
    },
    {
      name: 'slow',
      begin: async (_server, proxy) => {
        proxy.delayMs = 4 * timeoutMs;
      },
      end: async (_server, proxy) => {
        proxy.delayMs = 0;
      },
    },
    {
      name: 'returning errors',
      begin: (server) => server.command('ACL', 'SETUSER', 'default', '-evalsha', '-eval'),
      end: (server) => server.command('ACL', 'SETUSER', 'default', '+evalsha', '+eval'),
    },
    {
      name: 'full (maxmemory, noeviction)',
      begin: async (server) => {
        await server.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
        await server.command('CONFIG', 'SET', 'maxmemory', '1');
      },
      end: (server) => server.command('CONFIG', 'SET', 'maxmemory', '0'),
    },
  ];
}
