"""Report forms, statistics and draft decisions as data, and each as workbook, CSV and paper. No I/O."""
