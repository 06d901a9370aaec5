"""How the four commands end: the same words and exit codes in each."""

import importlib
import sys
from collections.abc import Callable

import pytest
import typer

from edge_runtime.console import out, run_app
from edge_runtime.errors import Face520Error, Interrupted


def ended(
    main: Callable[[], None], monkeypatch: pytest.MonkeyPatch, *arguments: str
) -> int | str | None:
    monkeypatch.setattr(sys, "argv", ["command", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    return end.value.code


@pytest.mark.parametrize("package", ["edge_runtime", "training", "conversion", "benchmarks"])
@pytest.mark.parametrize(
    ("raised", "code", "says"),
    [
        (KeyboardInterrupt(), 130, "Interrupted; what is finished is kept."),
        (Interrupted("stopped after 3 epochs"), 130, "stopped after 3 epochs"),
        (Face520Error("[red].jpg: not an image :eyes:"), 2, "[red].jpg: not an image :eyes:"),
    ],
)
def test_every_command_ends_in_order(
    package: str,
    raised: BaseException,
    code: int,
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*_: object) -> None:
        raise raised

    # Inside typer's own main, which swallows Ctrl-C.
    monkeypatch.setattr("typer.core.TyperCommand.invoke", fail)
    monkeypatch.setattr("typer.core.TyperGroup.invoke", fail)
    main = importlib.import_module(f"{package}.cli").main
    assert ended(main, monkeypatch, "heads") == code
    assert capsys.readouterr().err == says + "\n"


def test_other_exit_codes_pass_without_a_word(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    app = typer.Typer(add_completion=False)

    @app.command()
    def work(code: int) -> None:
        out.print("[b]", "a")
        raise typer.Exit(code)

    for code in (0, 1, 2):
        assert ended(lambda: run_app(app, "work"), monkeypatch, str(code)) == code
    assert capsys.readouterr() == ("[b] a\n" * 3, "")
