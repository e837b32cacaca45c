// Drives JupyterLab with jupyterlab-lsp in Chromium: the findings that it marks in a notebook, as JSON.
// Run by `drive jupyterlab`: node jupyterlab.js ADDRESS FOLDER-FOR-SCREENSHOTS
const { chromium } = require("playwright-core");

const [address, shots] = process.argv.slice(2);
const PATIENCE = 90000;

(async () => {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"],
  });
  const page = await browser.newPage({ viewport: { width: 1400, height: 800 } });
  const out = { marked: [] };
  try {
    for (let turn = 0; turn < 30; turn++) {
      const there = await page.goto(`${address}/lab/tree/net.ipynb?reset`, { timeout: PATIENCE }).catch(() => null);
      if (there) break;
      await page.waitForTimeout(2000); // the server is starting
    }
    await page.waitForSelector(".jp-Notebook", { timeout: PATIENCE });
    await page.waitForSelector(".cm-lintRange", { timeout: PATIENCE, state: "attached" });
    out.marked = await page.$$eval(".cm-lintRange", (all) => all.map((one) => one.textContent));
  } catch (error) {
    out.failed = error.message.split("\n")[0];
  }
  await page.screenshot({ path: `${shots}/jupyterlab.png` });
  console.log(JSON.stringify(out, null, 1));
  await browser.close();
})();
