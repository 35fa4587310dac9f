# The only door. `make` alone lists what is behind it.
.DEFAULT_GOAL := help
.PHONY: check controls help setup page demo replay redrive digest forget routes test faults lint bench screenshots lock build deploy build-AlertFunction build-DigestFunction build-SweepFunction lambda-python

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
COMPILE = $(BIN)/uv --no-config --system-certs pip compile --quiet --upgrade --universal --generate-hashes --no-annotate --custom-compile-command 'make lock'
LAMBDA_PYTHON_VERSION := 3.13

OWN := PYTHON ARTIFACTS_DIR BIN LAMBDA_PYTHON LAMBDA_PYTHON_VERSION PYTHON_WITH_PIP
# What each target takes besides. Any other variable is a slip (FILE= for EVENT=) that would go unnoticed.
TAKES_demo := ONCE VERBOSE
TAKES_replay := EVENT STACK ALL YES
TAKES_redrive := STACK REASON ALL LETTER DELETE YES
TAKES_digest := STACK ACCOUNT
TAKES_forget := STACK TEXT YES
TAKES_routes := FILE STACK TEST DIRECTORY SHOW VERSIONS RESTORE YES
TAKES_check := TEMPLATE STACK
TAKES_bench := BENCH ALL
takes = $(sort $(foreach goal,$(MAKECMDGOALS),$(TAKES_$(goal))))
given := $(foreach name,$(.VARIABLES),$(if $(filter command line,$(origin $(name))),$(name)))
slips := $(filter-out $(OWN) $(takes),$(given))
# As local/words.py finds it.
SPEAKS_JAPANESE := $(filter ja%,$(or $(MESSAGE_LANGUAGE),$(LC_ALL),$(LC_MESSAGES),$(LANG)))
refusal = make $(or $(MAKECMDGOALS),help) takes no $(slips), but $(or $(takes),no variable at all)
refusal_ja = make $(or $(MAKECMDGOALS),help) に $(slips) は指定できません。指定できるもの: $(or $(takes),なし)
$(if $(slips),$(error $(if $(SPEAKS_JAPANESE),$(refusal_ja),$(refusal))))

#ja help         コマンドの一覧を表示します
#ja setup        必要なものをすべて .venv に用意し、デモの画面をビルドします
#ja demo         本番と同じスタックを手元で動かします（ONCE=1: ひととおり見せて終了、VERBOSE=1: すべて表示）
#ja replay       サンプルのイベントをルールとハンドラーに通します（EVENT=ファイル、STACK=名前: デプロイ済みのスタックに送信、ALL=1: すべて）
#ja redrive      STACK=名前 のスタックのデッドレターを表示し、戻します（REASON=文字列、ALL=1）。DELETE=1 なら削除します
#ja digest       一覧を今すぐ作ります（STACK=名前: スタックで実行、ACCOUNT=1: お使いのアカウントの検出結果で、ここで実行）
#ja forget       スタックのどこに特定の人の情報があるかを表示し、同意すると消します（STACK=名前 TEXT=人、YES=1: 確認しない）
#ja routes       振り分けを確認し（FILE=routes.yaml）、イベントで試し（TEST=ファイル）、適用します（STACK=名前）。SHOW=1: 適用中のものを表示
#ja check        デプロイ前に、テンプレートが違反するコントロールを調べます（TEMPLATE=パス、STACK=名前: そのスタックの Security Hub の設定で）
#ja controls     調べるコントロールを、お使いの認証情報で AWS の最新の内容に更新し、変わった点を表示します
#ja test         すべてのテストを実行します
#ja faults       スタックが利用するサービスを考えられる限り故障させ、届いた通知を数えます（約 30 分）
#ja lint         リンター、型、テンプレートを検査します
#ja screenshots  docs/image/ にあるデモの画面の画像を作り直します
#ja bench        ベンチマークを数分で実行します（BENCH=名前: その 1 つだけ、ALL=1: 時間のかかるものも）
#ja lock         requirements*.txt の固定したバージョンを、pyproject.toml の許す範囲で最新に更新します（ハッシュ付き）
#ja build        関数をビルドします
#ja deploy       必要なものがそろっているかを確かめ、各設定を尋ねて、お使いの AWS アカウントにデプロイします
help: ## list these commands
	@$(if $(SPEAKS_JAPANESE),sed -n 's/^#ja //p' $(MAKEFILE_LIST); exit;) grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 13

setup: page ## create .venv with everything needed, and build the demo's page

$(STAMP): requirements-uv.txt requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo 'shirase needs Python 3.11 or newer, and $(PYTHON) is not: install one, or name it: make PYTHON=python3.13' >&2; exit 2; }
	@$(PYTHON) -m local.environment
	@touch $@

# Node comes with .venv.
page: $(STAMP)
	@$(BIN)/python -m local.page_build

# Ctrl-C is the way out of it, which make needn't tell.
demo: page ## show the real stack at work on this machine (ONCE=1: end when done, VERBOSE=1: all of it)
	@trap : INT; $(BIN)/shirase demo $(if $(ONCE),--once) $(if $(filter 1,$(VERBOSE)),--verbose) || test $$? -eq 130

# EVENT, REASON and TEXT reach the shell through the environment, for they may hold any character.
replay: $(STAMP) ## run sample events through rules and handler (EVENT=file; STACK=name: through a deployed stack, ALL=1: all of them)
	@$(BIN)/shirase replay $(if $(STACK),--stack '$(STACK)') $(if $(filter 1,$(ALL)),--all) $(if $(filter 1,$(YES)),--yes) -- $${EVENT:+"$$EVENT"}

redrive: $(STAMP) ## show the dead letters of a deployed stack (STACK=name) and put them back (REASON=text or ALL=1), or DELETE=1
	@$(BIN)/shirase redrive --stack '$(STACK)' --reason="$$REASON" --letter="$$LETTER" $(if $(filter 1,$(ALL)),--all) $(if $(filter 1,$(DELETE)),--delete) $(if $(filter 1,$(YES)),--yes)

digest: $(STAMP) ## run the digest now (STACK=name: on a stack; ACCOUNT=1: here, with your account's findings)
	@$(BIN)/shirase digest $(if $(STACK),--stack '$(STACK)') $(if $(filter 1,$(ACCOUNT)),--account)

forget: $(STAMP) ## let a deployed stack forget a person, once you have seen where it has them (STACK=name TEXT=person; YES=1: unasked)
	@$(BIN)/shirase forget --stack '$(STACK)' $(if $(filter 1,$(YES)),--yes) -- "$$TEXT"

routes: $(STAMP) ## check who hears of what (FILE=routes.yaml), try it on an event (TEST=file), put it into use (STACK=name), or SHOW=1
	@$(BIN)/shirase routes $(if $(STACK),--stack '$(STACK)') $${TEST:+--test "$$TEST"} $${DIRECTORY:+--directory "$$DIRECTORY"} $(if $(filter 1,$(SHOW)),--show) $(if $(filter 1,$(VERSIONS)),--versions) $${RESTORE:+--restore="$$RESTORE"} $(if $(filter 1,$(YES)),--yes) -- $${FILE:+"$$FILE"}

# TEMPLATE may name several, and folders.
check: $(STAMP) ## say which controls a template violates before it is deployed (TEMPLATE=path; STACK=name: as that stack's Security Hub is set)
	@$(BIN)/shirase check $(if $(STACK),--stack '$(STACK)') -- $(if $(TEMPLATE),$$TEMPLATE,template.yaml)

controls: $(STAMP) ## bring the check's controls up to date with AWS, with your credentials, and tell what has changed
	@$(BIN)/python -m local.check.refresh

# Three processes, for most of the time is waiting. Those that they start are dozens, and need compile nothing twice.
test: page ## run every test
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --numprocesses 3 --no-loadscope-reorder --durations 10

faults: $(STAMP) ## let everything around the stack fail, in every way we know of, and count what arrives (half an hour)
	FAULTS=all $(BIN)/python -m pytest tests/e2e tests/browser -m exhaustive
	FAULTS=all $(BIN)/python -m pytest tests/unit tests/faults tests/local/test_check_own_rules.py --capture=no

lint: page ## run linters, type checks and template checks
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix local/page run --silent check
	$(BIN)/cfn-lint template.yaml
	SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=$${AWS_DEFAULT_REGION:-ap-northeast-1} $(BIN)/sam validate --lint
	$(BIN)/shirase check template.yaml --fail-on MEDIUM

screenshots: page ## make the pictures of the demo's page in docs/image/
	$(BIN)/python -m local.screenshots

bench: $(STAMP) ## run the benchmarks, for some minutes (BENCH=name: one of them; ALL=1: the long ones too)
	$(BIN)/python -m tests.bench $(BENCH)

lock: $(STAMP) ## bring requirements*.txt up to date: the newest versions that pyproject.toml allows, with their hashes
	$(COMPILE) pyproject.toml --extra dev --output-file requirements-dev.txt
	$(COMPILE) --group artifact --constraint requirements-dev.txt --output-file requirements.txt
	$(COMPILE) --group installer --constraint requirements-dev.txt --output-file requirements-uv.txt

build: $(STAMP) ## build the functions' artifacts
	SAM_CLI_TELEMETRY=0 PATH="$(CURDIR)/$(BIN):$$PATH" sam build

# Your answers are saved in a file that git ignores, from the first on.
deploy: $(STAMP) ## deploy to your AWS account, asking for each setting, once all is there that it needs
	@$(BIN)/python -m local.deploy.preflight
	@$(MAKE) --no-print-directory build
	PATH="$(CURDIR)/$(BIN):$$PATH" sam deploy --guided --config-file samconfig.local.toml

# SAM calls these, once a function: with .venv or without, in a container too, where the source can't be written and
# .venv is another machine's. Without metadata and true file times the artifact is the same from build to build.
# Bytecode takes a third off a cold start, for Lambda can't keep what it compiles. It is good for one version of Python
# alone: where that isn't at hand the artifact goes without. Its paths are those on Lambda, as tracebacks show them.
build-AlertFunction build-DigestFunction build-SweepFunction:
	@$(or $(PYTHON_WITH_PIP),$(error There is no Python with pip on PATH: install one (python3-pip on Debian and Ubuntu), or run `make setup`)) \
		-m pip install --quiet --disable-pip-version-check --no-compile --only-binary :all: --no-deps --require-hashes \
		--python-version $(LAMBDA_PYTHON_VERSION) --implementation py --abi none --platform any \
		--requirement requirements.txt --target "$(ARTIFACTS_DIR)"
	@rm -rf "$(ARTIFACTS_DIR)"/bin "$(ARTIFACTS_DIR)"/*.dist-info
	@cp -R handlers shared "$(ARTIFACTS_DIR)"
	@find "$(ARTIFACTS_DIR)" -name __pycache__ -prune -exec rm -rf {} +
	@python="$(LAMBDA_PYTHON)"; test -z "$$python" || "$$python" -m compileall -q \
		--invalidation-mode unchecked-hash -s "$(ARTIFACTS_DIR)" -p /var/task "$(ARTIFACTS_DIR)"
	@find "$(ARTIFACTS_DIR)" -exec touch -d 2000-01-01T00:00:00Z {} +

# Prints a Python of Lambda's version, if there is one.
lambda-python:
	@echo "$(LAMBDA_PYTHON)"

# The first of some commands that is a Python and can run some code.
first_python = $(shell for python in $(1); do if "$$python" -c '$(2)' 2>/dev/null; then echo "$$python"; break; fi; done)
PYTHON_WITH_PIP = $(call first_python,$(BIN)/python python3 python,import pip)
PYENV := "$$HOME"/.pyenv/versions/$(LAMBDA_PYTHON_VERSION).*/bin/python
IS_LAMBDA_PYTHON := import sys; sys.exit("%d.%d" % sys.version_info[:2] != "$(LAMBDA_PYTHON_VERSION)")
LAMBDA_PYTHON = $(call first_python,$(BIN)/python python$(LAMBDA_PYTHON_VERSION) $(PYENV),$(IS_LAMBDA_PYTHON))
