// Settings of the function: `url` (https://rollcall.example.com), `deployment` (rollcall.example.com), `apiKey` (a secret).

async function onIdentify(event, settings) {
  if (!event.userId) throw new EventNotSupported('Only identified users have a profile');
  const path = `/segment/v2/customer_profiles/${encodeURIComponent(event.userId)}?skipNonExistingAttributes=true`;
  await send(settings, 'PUT', path, { attributes: event.traits });
}

async function onTrack(event, settings) {
  const changes = { 'Audience Entered': 'adds', 'Audience Exited': 'deletes' }[event.event];
  if (!changes) throw new EventNotSupported('Only audiences are sent');
  const audience = event.properties.audience_key;
  const body = { data: [{ customerProfileId: event.userId, [changes]: [audience] }] };
  const path = '/segment/v2/customer_profiles/audiences';
  const status = await send(settings, 'PUT', path, body, [404]);
  if (status !== 404) return;
  // The first user of an audience creates it; somebody else may just have done so.
  await send(settings, 'POST', '/segment/audiences', { audienceId: audience, audienceName: audience }, [409]);
  await send(settings, 'PUT', path, body);
}

async function send({ url, deployment, apiKey }, method, path, body, expected = []) {
  let response;
  try {
    response = await fetch(url + path, {
      method,
      headers: {
        Authorization: `ApiKey-v1 ${apiKey}`,
        'Content-Type': 'application/json',
        'destination-hostname': deployment,
      },
      body: JSON.stringify(body),
    });
  } catch (error) {
    throw new RetryError(error.message);
  }
  if (response.ok || expected.includes(response.status)) return response.status;
  const message = `${response.status} ${await response.text()}`;
  if (response.status === 429 || response.status >= 500) throw new RetryError(message);
  throw new ValidationError(message);
}
