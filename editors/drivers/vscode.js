// Drives the workbench of VS Code (code-server) in Chromium, and prints what is shown, as JSON; screenshots go to a folder.
// Run by `drive vscode`: node vscode.js ADDRESS WORKSPACE FOLDER-FOR-SCREENSHOTS [net|notebook|missing|verify]
const { chromium } = require("playwright-core");

const [address, workspace, shots, scene = "net"] = process.argv.slice(2);
const out = {};

const plain = (text) => text.replace(/\u00a0/g, " ");
const texts = (page, selector) => page.$$eval(selector, (all) => all.map((one) => one.textContent));

async function command(page, title) {
  await page.keyboard.press("F1");
  await page.waitForSelector(".quick-input-box input");
  await page.keyboard.type(title);
  await page.waitForTimeout(600);
  await page.keyboard.press("Enter");
}

async function open(page, name) {
  await page.goto(`${address}/?folder=${workspace}`, { waitUntil: "domcontentloaded" });
  await page.waitForSelector(`.explorer-viewlet >> text=${name}`);
  await page.waitForTimeout(10000); // the extension host starts after the window
  await page.dblclick(`.explorer-viewlet >> text=${name}`);
}

async function findings(page) {
  await page.waitForSelector(".monaco-editor .squiggly-error");
  await page.waitForTimeout(2000);
  out.lines = (await texts(page, ".monaco-editor .view-line")).map(plain).filter((line) => line.trim());
  out.lenses = (await texts(page, ".codelens-decoration")).map(plain);
  await page.screenshot({ path: `${shots}/1-findings.png` });
  await page.keyboard.press("Control+Shift+M");
  await page.waitForSelector(".markers-panel .monaco-list-row");
  await page.waitForTimeout(500);
  out.problems = (await texts(page, ".markers-panel .monaco-list-row")).map(plain);
  await page.screenshot({ path: `${shots}/2-problems.png` });
  await page.keyboard.press("Control+J");
}

async function go(page, place) {
  await page.click(".monaco-editor .view-lines", { position: { x: 5, y: 5 } });
  await page.keyboard.press("Control+G");
  await page.waitForSelector(".quick-input-box input");
  await page.keyboard.type(place);
  await page.keyboard.press("Enter");
  await page.waitForTimeout(700);
}

async function hover(page) {
  await go(page, "13:18");
  await page.keyboard.press("Control+K");
  await page.keyboard.press("Control+I");
  await page.waitForSelector(".monaco-hover .hover-contents", { timeout: 15000 });
  await page.waitForTimeout(700);
  out.hover = (await texts(page, ".monaco-hover .hover-contents")).map(plain);
  await page.screenshot({ path: `${shots}/3-hover.png` });
  await page.keyboard.press("Escape");
}

async function fix(page) {
  await go(page, "8:31");
  await page.keyboard.press("Control+.");
  await page.waitForSelector(".action-widget .monaco-list-row");
  await page.waitForTimeout(500);
  out.actions = (await texts(page, ".action-widget .monaco-list-row")).map(plain);
  await page.screenshot({ path: `${shots}/4-menu.png` });
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => !document.querySelector(".monaco-editor .squiggly-error"), null, { timeout: 20000 });
  const lines = (await texts(page, ".monaco-editor .view-line")).map(plain);
  out.fixed = lines.find((line) => line.includes("self.conv = "))?.trim();
  await page.screenshot({ path: `${shots}/5-fixed.png` });
}

async function graph(page) {
  await command(page, "archlint: Show Model Graph");
  await page.waitForSelector("iframe.webview", { timeout: 30000 });
  await page.waitForTimeout(5000);
  let drawn;
  for (const frame of page.frames()) if (frame !== page.mainFrame() && (await frame.$("svg text"))) drawn = frame;
  out.graph = await drawn.$$eval("svg text", (all) => all.map((one) => one.textContent));
  await page.screenshot({ path: `${shots}/6-graph.png` });
  // A click on a layer and on the link in what is said of it leads to the line.
  await drawn.click("svg text >> text=MaxPool2d");
  await drawn.click("a[href*='#L']");
  await page.waitForTimeout(2000);
  out.place = (await texts(page, "#status\\.editor\\.selection")).join("");
  await page.screenshot({ path: `${shots}/7-line.png` });
}

/** A notebook: findings and shapes by cell, over cells. */
async function notebook(page) {
  await open(page, "net.ipynb");
  await page.waitForSelector(".cell .squiggly-error");
  await page.waitForTimeout(3000);
  out.lines = (await texts(page, ".notebookOverlay .view-line")).map(plain).filter((line) => line.trim());
  await page.keyboard.press("Control+Shift+M");
  await page.waitForSelector(".markers-panel .monaco-list-row");
  await page.waitForTimeout(500);
  out.problems = (await texts(page, ".markers-panel .monaco-list-row")).map(plain);
  await page.screenshot({ path: `${shots}/8-notebook.png` });
}

/** Where archlint is not installed: what the user is told. */
async function missing(page) {
  await open(page, "net.py");
  await page.waitForSelector(".notification-toast");
  out.told = (await texts(page, ".notification-toast .notification-list-item-message")).map(plain);
  out.buttons = (await texts(page, ".notification-toast .notification-list-item-buttons-container a")).map(plain);
  await page.screenshot({ path: `${shots}/9-missing.png` });
}

/** Where the workspace's settings name an interpreter with the framework: what running the model says. */
async function verify(page) {
  await open(page, "net.py");
  await page.waitForSelector(".monaco-editor .squiggly-error");
  await command(page, "archlint: Verify Model");
  await page.waitForSelector(".notification-toast >> text=Show Output", { timeout: 120000 });
  out.told = (await texts(page, ".notification-toast .notification-list-item-message")).map(plain);
  await page.click(".notification-toast >> text=Show Output");
  await page.waitForTimeout(1500);
  out.output = (await texts(page, ".panel .view-line")).map(plain);
  await page.screenshot({ path: `${shots}/10-verify.png` });
}

async function net(page) {
  await open(page, "net.py");
  for (const step of [findings, hover, fix, graph]) await step(page);
}

(async () => {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"],
  });
  const page = await browser.newPage({ viewport: { width: 1400, height: 800 } });
  page.setDefaultTimeout(60000);
  try {
    await { net, notebook, missing, verify }[scene](page);
  } catch (error) {
    out.failed = error.message.split("\n")[0];
    await page.screenshot({ path: `${shots}/failed.png` });
  }
  console.log(JSON.stringify(out, null, 1));
  await browser.close();
  process.exit(out.failed ? 1 : 0);
})();
