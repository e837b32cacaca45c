;; Drives Emacs with archlint as the user's own configuration starts it, and prints what the editor shows, as JSON.
;; Run by `drive emacs` in a folder that holds net.py; init.el is the snippet of the page.
(require 'eglot)
(require 'flymake)
(require 'json)
(setq eglot-autoshutdown t eglot-sync-connect 30 eglot-connect-timeout 30 flymake-no-changes-timeout 0.1
      python-indent-guess-indent-offset nil)
(load (expand-file-name "init.el") nil t)

(defun drive-wait (done)
  "Let Emacs work until DONE is true, at most 30 seconds."
  (let ((turns 0))
    (while (and (not (funcall done)) (< turns 600))
      (accept-process-output nil 0.05)
      (setq turns (1+ turns)))
    (funcall done)))

(defun drive-hints ()
  "Overlays that Eglot has drawn shapes with."
  (seq-filter (lambda (overlay) (overlay-get overlay 'eglot--inlay-hint)) (overlays-in (point-min) (point-max))))

(let (out)
  (find-file "net.py")
  (eglot--maybe-activate-editing-mode)
  (unless (eglot-current-server) (apply #'eglot (eglot--guess-contact)))
  (drive-wait #'eglot-current-server)
  (flymake-mode 1)
  (flymake-start)
  (drive-wait #'flymake-diagnostics)
  (push (cons 'version emacs-version) out)
  (push (cons 'findings
              (vconcat (mapcar (lambda (found)
                                 `((line . ,(line-number-at-pos (flymake-diagnostic-beg found)))
                                   (marked . ,(buffer-substring-no-properties (flymake-diagnostic-beg found)
                                                                              (flymake-diagnostic-end found)))
                                   (message . ,(flymake-diagnostic-text found))))
                               (flymake-diagnostics))))
        out)
  ;; Shapes: Eglot draws them when a window shows the buffer, which a batch Emacs has none of.
  (eglot-inlay-hints-mode 1)
  (eglot--update-hints-1 (point-min) (point-max))
  (drive-wait #'drive-hints)
  (push (cons 'shapes
              (vconcat (mapcar (lambda (overlay)
                                 `((line . ,(line-number-at-pos (overlay-start overlay)))
                                   (text . ,(string-trim (substring-no-properties
                                                          (or (overlay-get overlay 'before-string)
                                                              (overlay-get overlay 'after-string) ""))))))
                               (drive-hints))))
        out)
  (goto-char (point-min))
  (search-forward "Conv2d(32")
  (backward-char 1)
  (let ((actions (eglot-code-actions (point) (point) "quickfix")))
    (push (cons 'actions (vconcat (mapcar (lambda (action) (plist-get action :title)) actions))) out)
    (when actions (eglot-execute (eglot-current-server) (car actions))))
  (push (cons 'fixed (string-trim (thing-at-point 'line t))) out)
  (push (cons 'cleared (if (drive-wait (lambda () (null (flymake-diagnostics)))) t :json-false)) out)
  (princ (concat (json-encode out) "\n"))
  (set-buffer-modified-p nil)
  (ignore-errors (eglot-shutdown (eglot-current-server))))
