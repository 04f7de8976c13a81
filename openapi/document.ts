import { buildApp } from '../src/app.ts';
import { loadConfig } from '../src/config.ts';

/** The OpenAPI document of the routes as committed: sorted nowhere, indented by two. */
export async function openapiText(): Promise<string> {
  const app = await buildApp(loadConfig({}));
  try {
    await app.ready();
    return `${JSON.stringify(app.swagger(), null, 2)}\n`;
  } finally {
    await app.close();
  }
}
