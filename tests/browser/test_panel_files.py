"""Files of a question in a real JupyterLab: picked and dropped, sent whole, still named later."""

from __future__ import annotations

import base64

from playwright.sync_api import FilePayload, expect

from tests.browser._notebook import Open
from tests.browser._panel import ask, open_panel, panel_of, run_cell
from tests.servers import FakeAnthropic, text

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
DROP = """element => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(["a,b\\n1,2\\n"], "data.csv", { type: "text/csv" }));
    const init = { bubbles: true, cancelable: true, dataTransfer };
    element.dispatchEvent(new DragEvent("dragover", init));
    return element.dispatchEvent(new DragEvent("drop", init));
}"""


def payload(name: str, data: bytes) -> FilePayload:
    return {"name": name, "mimeType": "", "buffer": data}


def test_picked_image_and_dropped_text_reach_the_model_and_are_named_after_a_reload(
    open_notebook: Open, anthropic_server: FakeAnthropic
) -> None:
    notebook = open_panel(open_notebook)
    panel = panel_of(notebook)
    anthropic_server.reply(text("A point."))
    with notebook.page.expect_file_chooser() as chooser:
        panel.get_by_role("button", name="Attach images or text files").click()
    chooser.value.set_files([payload("plot.png", PNG)])
    expect(panel.get_by_role("button", name="Remove plot.png")).to_be_visible()
    assert panel.locator(".lnb-scroller").evaluate(DROP) is False
    chips = panel.get_by_role("list", name="Attached files").get_by_role("listitem")
    expect(chips).to_have_count(2)
    ask(notebook, "What is in these?")
    expect(panel).to_contain_text("A point.")
    expect(chips).to_have_count(0)
    first, name, image, table = anthropic_server.requests[0].body["messages"][0]["content"]
    assert first["text"] == "What is in these?"
    assert name["text"] == f"Attached file: plot.png · {len(PNG)} B"
    assert base64.b64decode(image["source"]["data"]) == PNG
    assert table["text"] == "Attached file: data.csv · 8 B\n\n```\na,b\n1,2\n```"
    expect(panel.locator(".lnb-picture")).to_have_js_property("naturalWidth", 1)
    notebook.save()
    notebook.reload()
    shown = panel.locator(".lnb-mention")
    expect(shown.locator(".lnb-picture")).to_have_js_property("naturalWidth", 1)
    expect(shown.first).to_have_text(f"plot.png · {len(PNG)} B")
    expect(shown.last.locator("summary")).to_have_text("data.csv · 8 B")
    assert notebook.get_foreign_requests() == []
    assert notebook.errors == []


def test_as_much_as_a_message_takes_arrives_whole(
    open_notebook: Open, anthropic_server: FakeAnthropic
) -> None:
    """A Jupyter server ends the connection over a message above 10 MiB."""
    notebook = open_panel(open_notebook)
    anthropic_server.reply(text("Much."))
    image = b"\xff\xd8\xff" + b"j" * 3_699_997
    files = [payload(f"{n}.jpg", image) for n in range(2)]
    files += [payload(f"{n}.txt", b"w" * 200_000) for n in range(3)]
    panel_of(notebook).locator("input[type=file]").set_input_files(files)
    chips = panel_of(notebook).get_by_role("listitem")
    expect(chips).to_have_count(5)
    ask(notebook, "What is in these?")
    expect(panel_of(notebook)).to_contain_text("Much.")
    blocks = anthropic_server.requests[0].body["messages"][0]["content"]
    images = [block["source"]["data"] for block in blocks if block["type"] == "image"]
    assert [base64.b64decode(data) == image for data in images] == [True, True]


def test_figure_that_python_attaches_is_seen_in_every_view(
    open_notebook: Open, anthropic_server: FakeAnthropic
) -> None:
    cell = (
        "from matplotlib.figure import Figure\nfigure = Figure(figsize=(3, 2))\n"
        "figure.add_subplot().plot([1, 3, 2])\n"
        "(await panel.send('What is it?', files=[figure])).content"
    )
    notebook = open_panel(open_notebook, cell)
    anthropic_server.reply(text("A line."))
    run_cell(notebook, 2)
    expect(notebook.output(2)).to_contain_text("'A line.'")
    notebook.cell(1).locator(".jp-InputPrompt").click()
    notebook.execute("notebook:create-output-view")
    second = notebook.page.locator(".jp-LinkedOutputView .lnb-panel")
    for view in (second, panel_of(notebook)):
        expect(view.locator(".lnb-mention")).to_contain_text("image.png · ")
        picture = view.locator(".lnb-picture")
        expect(picture).to_have_count(1)
        assert picture.evaluate("async e => (await e.decode(), e.naturalWidth)") > 200
    assert notebook.get_foreign_requests() == []
    assert notebook.errors == []
