"""Reading printed codes back: what a phone would see of a board's PDF."""

import pypdfium2
import zxingcpp

QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


def codes_in(pdf: bytes, *, dpi: int = 72) -> list[str]:
    """The texts of all QR codes on the pages, as a camera would read them at that resolution."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        found: list[str] = []
        for page in document:
            picture = page.render(scale=dpi / 72, grayscale=True).to_pil()
            found += [code.text for code in zxingcpp.read_barcodes(picture, formats=QR)]
        return found
    finally:
        document.close()
