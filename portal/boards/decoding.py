"""Reading printed codes back: what a phone would see of a board's PDF. It is called in a child process."""

import pypdfium2


def codes_in(pdf: bytes, *, dpi: int = 72) -> list[str]:
    """The texts of all QR codes on the pages, as a camera would read them at that resolution."""
    # A process that has it and is interrupted says goodbye with a page of this library's own bookkeeping
    import zxingcpp

    qr = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    document = pypdfium2.PdfDocument(pdf)
    try:
        found: list[str] = []
        for page in document:
            picture = page.render(scale=dpi / 72, grayscale=True).to_pil()
            found += [code.text for code in zxingcpp.read_barcodes(picture, formats=qr)]
        return found
    finally:
        document.close()
