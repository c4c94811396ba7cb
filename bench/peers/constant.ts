/**
 * The yardstick for single requests: Fastify with the schemas of two of our routes, which answers each with a constant.
 * Its body is parsed and validated and its answer serialized, and that is all. Reads the answers from standard input.
 */

import { text } from 'node:stream/consumers';
import Fastify from 'fastify';
import { createValidatorCompiler, schemaController } from '../../src/http/schema-compilers.ts';
import { updateProfileSchema } from '../../src/http/surfaces/cdp/schemas.ts';
import { audiencesSchema } from '../../src/http/surfaces/integration/schemas.ts';
import type { ConstantAnswers } from './constant-route.ts';

const { state, audiences } = JSON.parse(await text(process.stdin)) as ConstantAnswers;
const app = Fastify({ schemaController });
app.setValidatorCompiler(createValidatorCompiler());
app.put('/cdp/customer_profile/:customerProfileId', { schema: updateProfileSchema }, async () => state);
app.get('/v1/customer_profiles/:integrationId/audiences', { schema: audiencesSchema }, async () => audiences);
const url = await app.listen({ port: 0, host: '127.0.0.1' });
process.stdout.write(`listening on ${url}\n`);
