// Measures one page as Lighthouse does by default (a phone on slow 4G, simulated) and prints its
// scores as JSON: node measure.mjs CHROMIUM ADDRESS [PHOTO]. With a photo it is the page that
// answers the form. Beside this file must be node_modules, as package-lock.json names them.
import lighthouse, { startFlow } from "lighthouse";
import puppeteer from "puppeteer-core";

const [chromium, address, photo] = process.argv.slice(2);
const browser = await puppeteer.launch({
  executablePath: chromium,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic"],
});
const page = await browser.newPage();
const { categories, audits } = photo ? await answered() : await opened();
await browser.close();
console.log(JSON.stringify({ scores: scores(), found: failed() }));

async function opened() {
  return (await lighthouse(address, { logLevel: "error" }, undefined, page)).lhr;
}

async function answered() {
  await page.goto(address);
  const flow = await startFlow(page, { flags: { logLevel: "error" } });
  await flow.startNavigation();
  const input = await page.$("#image");
  await Promise.all([page.waitForNavigation(), input.uploadFile(photo)]);
  await flow.endNavigation();
  return (await flow.createFlowResult()).steps[0].lhr;
}

function scores() {
  return Object.fromEntries(Object.values(categories).map(({ id, score }) => [id, score]));
}

// What keeps a score below 1: audits that count and did not pass.
function failed() {
  const counted = Object.values(categories).flatMap(({ auditRefs }) => auditRefs);
  const weighty = counted.filter(({ weight }) => weight > 0).map(({ id }) => audits[id]);
  return weighty
    .filter(({ score }) => score !== null && score < 0.9)
    .map(({ id, title, displayValue }) => [id, title, displayValue].filter(Boolean).join(": "));
}
