"""Recognition: OCRmyPDF with a plugin that keeps words, boxes and confidences."""
