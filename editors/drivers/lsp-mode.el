;; Drives lsp-mode in Emacs as the snippet of the page sets it up, and prints what the editor shows, as JSON.
;; Run by `drive lsp-mode` in a folder that holds net.py; init.el is the snippet, lsp-mode is on the load path.
(require 'json)
(require 'seq)
(setq lsp-auto-guess-root t lsp-session-file (expand-file-name "session") lsp-diagnostics-provider :none
      lsp-enable-suggest-server-download nil lsp-enable-snippet nil python-indent-guess-indent-offset nil)
(load (expand-file-name "init.el") nil t)
(require 'lsp-mode)
(require 'lsp-modeline)
(require 'lsp-diagnostics)

(defun drive-wait (done)
  "Let Emacs work until DONE is true, at most 30 seconds."
  (let ((turns 0))
    (while (and (not (funcall done)) (< turns 600))
      (accept-process-output nil 0.05)
      (setq turns (1+ turns)))
    (funcall done)))

(defun drive-findings ()
  "The diagnostics of all files."
  (apply #'append (mapcar (lambda (each) (append each nil)) (hash-table-values (lsp-diagnostics t)))))

(defun drive-marked (range)
  (buffer-substring-no-properties (lsp--position-to-point (lsp:range-start range))
                                  (lsp--position-to-point (lsp:range-end range))))

(let (out)
  (find-file "net.py")
  (lsp)
  (drive-wait #'drive-findings)
  (push (cons 'findings
              (vconcat (mapcar (lambda (found)
                                 `((line . ,(1+ (lsp:position-line (lsp:range-start (lsp:diagnostic-range found)))))
                                   (marked . ,(drive-marked (lsp:diagnostic-range found)))
                                   (message . ,(lsp:diagnostic-message found))))
                               (drive-findings))))
        out)
  (goto-char (point-min))
  (search-forward "Conv2d(32")
  (backward-char 1)
  (let ((actions (append (lsp-code-actions-at-point) nil)))
    (push (cons 'actions (vconcat (mapcar #'lsp:code-action-title actions))) out)
    (when actions (lsp-execute-code-action (car actions))))
  (push (cons 'fixed (string-trim (thing-at-point 'line t))) out)
  (push (cons 'cleared (if (drive-wait (lambda () (null (drive-findings)))) t :json-false)) out)
  (princ (concat "\n" (json-encode out) "\n"))
  (set-buffer-modified-p nil))
