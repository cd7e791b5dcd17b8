// A receiver as a municipality would write one: it trusts what the public library has verified, and nothing else.
//
//   node receiver.js '["hang up", "silence", 500, 410]'
//
// It answers as it is told, and 204 afterwards. PUT /secret tells it the secret; GET /heard?count=4 waits for so many
// requests and tells what became of them. It prints its address when it is ready, and ends with its standard input.

import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

const answers = JSON.parse(process.argv[2]);
const heard = [];
let secret = "";
let waiting = [];

const read = async (request) => Buffer.concat(await request.toArray()).toString("utf8");

function verifies(body, headers) {
  try {
    return new Webhook(secret).verify(body, headers) !== undefined;
  } catch {
    return false;
  }
}

function tellWhoWaits() {
  waiting = waiting.filter(({ count, response }) => {
    if (heard.length < count) return true;
    response.end(JSON.stringify(heard));
    return false;
  });
}

async function hear(request, response) {
  const body = await read(request);
  const answer = answers.shift() ?? 204;
  heard.push({
    answer,
    id: request.headers["webhook-id"],
    verified: verifies(body, request.headers),
    tampered: verifies(body.replace("1.0", "1.1"), request.headers),
    anothers: verifies(body, { ...request.headers, "webhook-id": "another" }),
    event: JSON.parse(body),
  });
  tellWhoWaits();
  if (answer === "hang up") request.socket.destroy();
  else if (answer !== "silence") response.writeHead(answer).end();
}

const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, "http://receiver");
  if (pathname === "/secret") {
    secret = await read(request);
    response.writeHead(204).end();
  } else if (pathname === "/heard") {
    waiting.push({ count: Number(searchParams.get("count")), response });
    tellWhoWaits();
  } else {
    await hear(request, response);
  }
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
process.stdin.on("end", () => process.exit()).resume();
