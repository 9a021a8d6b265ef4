"""What a person does with the page."""

from playwright.sync_api import Page

# Waits are for what can be seen: to wait for a script's word needs eval, which the page forbids.
_ANSWERED = "#report[aria-busy=false]"


class Reader:
    """A page that was opened, and is ready to read a text.

    Attributes:
        page: Playwright's.
        requests: the addresses that it asked for, its worker included.
        faults: what went wrong in it, and what its policy forbade.
    """

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.requests: list[str] = []
        self.faults: list[str] = []
        page.context.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("dialog", lambda dialog: self.faults.append(dialog.message))
        page.on("console", self._note)
        page.goto(address)
        page.wait_for_selector("#loading", state="hidden")

    def paste(self, text: str) -> None:
        """Put a text into the empty box and wait for what the page says of it."""
        self.page.fill("#box", "")
        self.page.wait_for_selector("#report", state="hidden")
        self.page.fill("#box", text)
        self.answered()

    def answered(self) -> None:
        """Wait until the page has said something of the text in the box."""
        self.page.wait_for_selector(_ANSWERED)

    def kinds(self) -> list[str]:
        """The kinds of the reports that are shown."""
        articles = self.page.locator("article").all()
        return [str(article.get_attribute("data-kind")) for article in articles]

    def shown(self) -> str:
        """The report as a person sees it."""
        return str(self.page.inner_text("#report"))

    def _note(self, message: object) -> None:
        if getattr(message, "type", "") == "error":
            self.faults.append(str(getattr(message, "text", "")))
