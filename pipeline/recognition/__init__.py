"""Recognition: OCRmyPDF with a plugin that keeps words, boxes and confidences."""

import os

# ONNX Runtime (1.32) reports to its maker unless this is said before it is imported: it writes a device id and a store
# of events below the user's home, and asks for a host of its maker's (design law 11).
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
