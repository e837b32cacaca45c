-- Drives Neovim with archlint as the user's own configuration starts it, and prints what the editor shows, as JSON.
-- Run by `drive neovim`; the file that is open is sample/net.py.
local out = {}
local buffer = vim.api.nvim_get_current_buf()
local uri = vim.uri_from_bufnr(buffer)

local function wait(done)
  return vim.wait(30000, done, 20)
end

local function client()
  return (vim.lsp.get_clients or vim.lsp.get_active_clients)({ name = "archlint" })[1]
end

local function ask(method, params)
  local answers = vim.lsp.buf_request_sync(buffer, method, params, 10000) or {}
  local answer = answers[client().id] or {}
  return answer.result
end

wait(function() return client() ~= nil and client().initialized end)
wait(function() return #vim.diagnostic.get(buffer) > 0 end)
out.pulls = client().server_capabilities.diagnosticProvider ~= nil
out.findings = vim.tbl_map(function(found)
  local line = vim.api.nvim_buf_get_lines(buffer, found.lnum, found.lnum + 1, false)[1]
  return { code = found.code, line = found.lnum + 1, marked = line:sub(found.col + 1, found.end_col), message = found.message }
end, vim.diagnostic.get(buffer))

-- Shapes: what is really drawn, not what was answered.
wait(function() return #vim.lsp.inlay_hint.get({ bufnr = buffer }) > 0 end)
vim.cmd("redraw!")
out.shapes = {}
for name, space in pairs(vim.api.nvim_get_namespaces()) do
  if name:find("inlayhint", 1, true) or name:find("inlay_hint", 1, true) then
    for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(buffer, space, 0, -1, { details = true })) do
      local text = ""
      for _, chunk in ipairs(mark[4].virt_text or {}) do text = text .. chunk[1] end
      table.insert(out.shapes, { line = mark[2] + 1, text = vim.trim(text) })
    end
  end
end

local hover = ask("textDocument/hover", { textDocument = { uri = uri }, position = { line = 11, character = 14 } })
out.hover = hover and (hover.contents.value or hover.contents) or vim.NIL

local lenses = ask("textDocument/codeLens", { textDocument = { uri = uri } })
out.lenses = vim.tbl_map(function(lens) return lens.command.title end, lenses or {})

local symbols = ask("textDocument/documentSymbol", { textDocument = { uri = uri } })
out.symbols = vim.tbl_map(function(symbol) return symbol.name end, symbols or {})

local graph = ask("workspace/executeCommand", { command = "archlint.showGraph", arguments = { uri } })
out.graph = graph and vim.tbl_keys(graph) or vim.NIL

-- The fix, as `:lua vim.lsp.buf.code_action()` would apply it.
local first = vim.diagnostic.get(buffer)[1]
vim.api.nvim_win_set_cursor(0, { first.lnum + 1, first.col })
local titles = {}
vim.lsp.buf.code_action({
  apply = true,
  filter = function(action)
    table.insert(titles, action.title)
    return action.kind == "quickfix" and action.edit ~= nil and not action.title:find("[Ii]gnore")
  end,
})
wait(function() return vim.api.nvim_buf_get_lines(buffer, 7, 8, false)[1]:find("Conv2d%(16, 64") ~= nil end)
out.actions = titles
out.fixed = vim.trim(vim.api.nvim_buf_get_lines(buffer, 7, 8, false)[1])
out.cleared = wait(function() return #vim.diagnostic.get(buffer) == 0 end)

io.stdout:write(vim.fn.json_encode(out) .. "\n")
vim.cmd("qa!")
